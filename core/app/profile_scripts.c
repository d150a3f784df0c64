#include "app/profile_scripts.h"

#include <stdio.h>
#include <string.h>

#include "base/mem.h"

struct profile_scripts {
    const struct run_settings *run;
    uint64_t seed;
    struct script_options strategies[STRATEGIES_MAX], guards[GUARDS_MAX], sizing;
    struct param_value *params[STRATEGIES_MAX + GUARDS_MAX + 1]; /* freed together */
    int params_count, guard_count;
};

static const struct param_value *copy_params(struct profile_scripts *scripts,
                                             const struct option_params *from)
{
    size_t count = (size_t)from->count;
    struct param_value *values = mem_new_array(count, sizeof *values);

    for (size_t i = 0; i < count; i++) {
        snprintf(values[i].name, sizeof values[i].name, "%s", from->items[i].name);
        snprintf(values[i].text, sizeof values[i].text, "%s", from->items[i].text);
        snprintf(values[i].source, sizeof values[i].source, "%s", from->items[i].where);
    }
    scripts->params[scripts->params_count++] = values;
    return values;
}

static struct script_options script_of(struct profile_scripts *scripts, const char *name,
                                       const struct option_params *params)
{
    const struct script_settings *limits = &scripts->run->scripts;

    return (struct script_options){
        .name = name,
        .params = copy_params(scripts, params),
        .param_count = params->count,
        .seed = scripts->seed,
        .timeframe = scripts->run->timeframe,
        .memory_max = limits->memory_mib * 1024 * 1024,
        .call_max = limits->call_time,
        .start_max = limits->start_time,
    };
}

static void add_strategies(struct profile_scripts *scripts)
{
    for (int i = 0; i < scripts->run->strategy_count; i++) {
        const struct strategy_setting *setting = &scripts->run->strategies[i];
        scripts->strategies[i] = script_of(scripts, setting->script, &setting->params);
        if (setting->timeframe)
            scripts->strategies[i].timeframe = setting->timeframe;
    }
}

static void add_guards(struct profile_scripts *scripts)
{
    for (int i = 0; i < scripts->run->guard_count; i++) {
        const struct guard_setting *setting = &scripts->run->guards[i];
        if (setting->script[0])
            scripts->guards[scripts->guard_count++] =
                script_of(scripts, setting->script, &setting->params);
    }
}

struct profile_scripts *profile_scripts_new(const struct run_settings *run, uint64_t seed)
{
    struct profile_scripts *scripts = mem_new(sizeof *scripts);

    scripts->run = run;
    scripts->seed = seed;
    add_strategies(scripts);
    add_guards(scripts);
    if (run->sizing_rule[0])
        scripts->sizing = script_of(scripts, run->sizing_rule, &run->sizing_params);
    return scripts;
}

void profile_scripts_free(struct profile_scripts *scripts)
{
    if (!scripts)
        return;
    for (int i = 0; i < scripts->params_count; i++)
        mem_free(scripts->params[i]);
    mem_free(scripts);
}

const struct script_options *profile_scripts_strategies(const struct profile_scripts *scripts)
{
    return scripts->strategies;
}

const struct script_options *profile_scripts_guards(const struct profile_scripts *scripts,
                                                    int *count)
{
    *count = scripts->guard_count;
    return scripts->guards;
}

const struct script_options *profile_scripts_sizing(const struct profile_scripts *scripts)
{
    return scripts->run->sizing_rule[0] ? &scripts->sizing : NULL;
}
