/* perigee simulate: the engine against a hostile world in virtual time. */
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "app/command.h"
#include "base/json.h"
#include "lab/simulate.h"

static const struct arg_option options[] = {
    {"seed", "N", "the first seed (1)", false, false},
    {"seeds", "N", "how many, one after the other (1)", false, false},
    {"hours", "H", "simulated time of each (24)", false, false},
    {"no-faults", NULL, "a wire on which nothing goes wrong", false, false},
    {"no-crashes", NULL, "a process that never dies", false, false},
    {"break", "MISTAKE", "make a mistake on purpose, which the oracle has to find", false,
     false},
    {"trace", NULL, "print everything that the engine journals", false, false},
    {NULL, NULL, NULL, false, false},
};

struct campaign {
    struct simulate_options run;
    int64_t first, seeds, hours;
    bool is_json;
    uint64_t orders, fills, crashes;
    int64_t violations;
};

/* An assertion that fails aborts: the seed must be known even then. */
static char last_words[160];

static void on_abort(int signal)
{
    (void)signal;
    ssize_t written = write(STDERR_FILENO, last_words, strlen(last_words));
    (void)written;
}

static void prepare_last_words(const struct campaign *campaign)
{
    snprintf(last_words, sizeof last_words,
             "an assertion failed under seed %" PRIu64 ": perigee simulate --seed %" PRIu64
             " --hours %" PRId64 "%s%s\n",
             campaign->run.seed, campaign->run.seed, campaign->hours,
             campaign->run.without_faults ? " --no-faults" : "",
             campaign->run.without_crashes ? " --no-crashes" : "");
}

static void print_json(const struct campaign *campaign, const struct simulate_result *result)
{
    struct buf out = BUF_INIT;
    struct json_writer w = json_writer_init(&out);

    json_open_object(&w, NULL);
    json_add_int(&w, "seed", (int64_t)campaign->run.seed);
    json_add_bool(&w, "ok", !result->has_violation);
    json_add_text(&w, "violation", result->violation);
    json_add_int(&w, "at_ns", result->at);
    json_add_int(&w, "steps", (int64_t)result->steps);
    json_add_int(&w, "orders", (int64_t)result->orders);
    json_add_int(&w, "refusals", (int64_t)result->refusals);
    json_add_int(&w, "venue_orders", (int64_t)result->venue_orders);
    json_add_int(&w, "fills", (int64_t)result->fills);
    json_add_int(&w, "crashes", (int64_t)result->crashes);
    json_add_int(&w, "quiets", (int64_t)result->quiets);
    json_add_text(&w, "hash", result->hash);
    json_close_object(&w);
    printf("%s\n", buf_text(&out));
    buf_clear(&out);
}

static void print_text(const struct campaign *campaign, const struct simulate_result *result)
{
    char at[NANOS_TEXT_MAX];

    if (!result->has_violation && campaign->seeds > 1)
        return;
    printf("seed %" PRIu64 ": %" PRIu64 " orders, %" PRIu64 " refused, %" PRIu64
           " fills, %" PRIu64 " crashes, %" PRIu64 " times quiet, journal %.16s\n",
           campaign->run.seed, result->orders, result->refusals, result->fills, result->crashes,
           result->quiets, result->hash);
    if (result->has_violation)
        printf("seed %" PRIu64 ": VIOLATION after %s: %s\n", campaign->run.seed,
               nanos_format_duration(result->at, at), result->violation);
    fflush(stdout);
}

static void run_seed(struct campaign *campaign, uint64_t seed)
{
    struct simulate_result result;

    campaign->run.seed = seed;
    prepare_last_words(campaign);
    simulate_run(&campaign->run, &result);
    campaign->orders += result.orders;
    campaign->fills += result.fills;
    campaign->crashes += result.crashes;
    campaign->violations += result.has_violation;
    if (campaign->is_json)
        print_json(campaign, &result);
    else
        print_text(campaign, &result);
}

static enum err read_sabotage(const struct args *args, enum sabotage *out, struct fault *why)
{
    struct buf known = BUF_INIT;
    const char *name = args_text(args, "break", "none");

    if (sabotage_parse(name, out))
        return OK;
    for (int i = SABOTAGE_NONE + 1; i < SABOTAGE_COUNT; i++)
        buf_add_format(&known, " %s", sabotage_name((enum sabotage)i));
    enum err err = fail(why, ERR_USAGE, "--break knows no mistake '%.40s', but these:%s", name,
                        buf_text(&known));
    buf_clear(&known);
    return err;
}

static enum err read_arguments(const struct args *args, struct campaign *campaign,
                               struct fault *why)
{
    campaign->first = campaign->seeds = 1;
    campaign->hours = 24;
    campaign->run.without_faults = args_has(args, "no-faults");
    campaign->run.without_crashes = args_has(args, "no-crashes");
    campaign->run.trace = args_has(args, "trace") ? stdout : NULL;
    campaign->is_json = args_has(args, "json");
    enum err err = read_sabotage(args, &campaign->run.sabotage, why);
    if (!err)
        err = args_int(args, "seed", 0, INT64_MAX / 2, &campaign->first, why);
    if (!err)
        err = args_int(args, "seeds", 1, 1000000, &campaign->seeds, why);
    if (!err)
        err = args_int(args, "hours", 1, 24 * 365, &campaign->hours, why);
    campaign->run.span = HOURS(campaign->hours);
    return err;
}

static enum err run(const struct args *args, struct fault *why)
{
    struct campaign campaign = {0};
    enum err err = read_arguments(args, &campaign, why);

    if (err)
        return err;
    signal(SIGABRT, on_abort);
    for (int64_t i = 0; i < campaign.seeds; i++)
        run_seed(&campaign, (uint64_t)(campaign.first + i));
    if (!campaign.is_json)
        printf("simulate: %" PRId64 " seeds of %" PRId64 " hours, %" PRIu64 " orders, %" PRIu64
               " fills, %" PRIu64 " crashes, %" PRId64 " violations\n",
               campaign.seeds, campaign.hours, campaign.orders, campaign.fills,
               campaign.crashes, campaign.violations);
    if (campaign.violations == 0)
        return OK;
    return fail(why, ERR_REFUSED, "%" PRId64 " of %" PRId64 " seeds broke a rule",
                campaign.violations, campaign.seeds);
}

const struct cli_command command_simulate = {
    .name = "simulate",
    .summary = "trade by chance against a hostile venue, and check every step",
    .words = "",
    .examples = "  perigee simulate --seed 7 --hours 24\n"
                "  perigee simulate --seeds 200 --hours 24 --json\n",
    .options = options,
    .run = run,
};
