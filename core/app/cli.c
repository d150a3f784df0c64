#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "app/command.h"
#include "app/version.h"
#include "base/text.h"

static const struct cli_command *const commands[] = {
    &command_run,         &command_backtest, &command_config,  &command_data,
    &command_new,         &command_status,   &command_pause,   &command_resume,
    &command_reduce_only, &command_halt,     &command_flatten, &command_cancel_all,
    &command_kill,        &command_events,   &command_orders,  &command_positions,
    &command_verify,      &command_simulate, &command_docs,
};

const struct cli_command *cli_command_at(int index)
{
    return index >= 0 && (size_t)index < ARRAY_LEN(commands) ? commands[index] : NULL;
}

const struct cli_command *cli_command_find(const char *name)
{
    for (size_t i = 0; i < ARRAY_LEN(commands); i++)
        if (strcmp(commands[i]->name, name) == 0)
            return commands[i];
    return NULL;
}

static void write_option(const struct arg_option *option, struct buf *out)
{
    char left[64];

    snprintf(left, sizeof left, "--%s%s%s%s", option->name, option->value ? " " : "",
             option->value ? option->value : "", option->takes_many ? "..." : "");
    buf_add_format(out, "  %-30s %s%s\n", left, option->help,
                   option->repeats ? " (repeatable)" : "");
}

void cli_write_help(const struct cli_command *command, struct buf *out)
{
    static const struct arg_option json = {.name = "json",
                                           .help = "print JSON with stable keys"};
    static const struct arg_option help = {.name = "help", .help = "show this page"};

    buf_add_format(out, "perigee %s: %s\n\nusage: perigee %s%s%s [options]\n\n", command->name,
                   command->summary, command->name, command->words[0] ? " " : "",
                   command->words);
    for (const struct arg_option *o = command->options; o && o->name; o++)
        write_option(o, out);
    write_option(&json, out);
    write_option(&help, out);
    if (command->examples[0])
        buf_add_format(out, "\nexamples:\n%s", command->examples);
}

static void print_usage(FILE *to)
{
    fprintf(to, "perigee: a trading engine for strategies in Lua\n\n"
                "usage: perigee COMMAND [options]      perigee COMMAND --help shows more\n\n");
    for (size_t i = 0; i < ARRAY_LEN(commands); i++)
        fprintf(to, "  %-12s %s\n", commands[i]->name, commands[i]->summary);
    fprintf(to, "\n  --version    versions of the program and its libraries\n");
}

/* What is planned and not there yet, so that who has read of it need not guess. */
static const struct {
    const char *name, *instead;
} planned[] = {
    {"optimize", "try parameters one by one: perigee backtest --param NAME=VALUE"},
    {"replay", "look at what happened: perigee events, perigee orders"},
    {"repl", "try a strategy on the mock broker: perigee run --profile dev"},
    {"test", "run the specs with busted, in the source tree"},
    {"exchange", "the mock broker is inside of perigee run"},
    {"tui", "look at a running engine: perigee status"},
    {"preflight", "check a profile: perigee config check NAME"},
    {"key", "there is no live venue yet that would need one"},
    {"report", "figures of a test: perigee backtest --json"},
    {"reload", "end the engine and start it again"},
};

static const char *instead_of(const char *name)
{
    for (size_t i = 0; i < ARRAY_LEN(planned); i++)
        if (strcmp(planned[i].name, name) == 0)
            return planned[i].instead;
    return NULL;
}

static int unknown_command(const char *name)
{
    const char *names[ARRAY_LEN(commands)];

    const char *instead = instead_of(name);
    if (instead) {
        fprintf(stderr, "perigee: this version has no '%s' yet; until then: %s\n", name,
                instead);
        return 2;
    }
    for (size_t i = 0; i < ARRAY_LEN(commands); i++)
        names[i] = commands[i]->name;
    const char *near = text_nearest(name, names, (int)ARRAY_LEN(commands));
    fprintf(stderr, "perigee: unknown command '%s'; ", name);
    if (near)
        fprintf(stderr, "did you mean '%s'?\n", near);
    else
        fprintf(stderr, "perigee --help lists them\n");
    return 2;
}

/* What was printed counts only once it is out: a full disk behind stdout is a failure. */
static enum err flush_output(struct fault *why)
{
    if (fflush(stdout) == 0 && !ferror(stdout))
        return OK;
    return fail(why, ERR_IO, "cannot write the output: %s", strerror(errno));
}

static void print_help(const struct cli_command *command)
{
    struct buf page = BUF_INIT;

    cli_write_help(command, &page);
    fputs(buf_text(&page), stdout);
    buf_clear(&page);
}

/* Words of files and scripts are in it: nothing of them may steer the terminal. */
static void print_fault(const char *name, const char *text)
{
    fprintf(stderr, "perigee %s: ", name);
    for (const char *c = text; *c; c++)
        if (((unsigned char)*c < 32 && *c != '\n') || *c == 127)
            fprintf(stderr, "\\x%02x", (unsigned char)*c);
        else
            fputc(*c, stderr);
    fputc('\n', stderr);
}

static int run_command(const struct cli_command *command, int argc, char **argv)
{
    struct fault why = {OK, ""};
    struct args *args = NULL;
    enum err err = args_parse(argc, argv, command->options, command->words_min,
                              command->words_max, &args, &why);
    bool is_misspelt = err;

    if (!err && args_has(args, "help"))
        print_help(command);
    else if (!err)
        err = command->run(args, &why);
    if (!err)
        err = flush_output(&why);
    args_free(args);
    if (err && why.text[0])
        print_fault(command->name, why.text);
    if (is_misspelt)
        fprintf(stderr, "usage: perigee %s%s%s [options]\n", command->name,
                command->words[0] ? " " : "", command->words);
    return err == ERR_USAGE ? 2 : err ? 1 : 0;
}

/* Of what is no command of its own. */
static int end_output(void)
{
    struct fault why;

    if (flush_output(&why) == OK)
        return 0;
    fprintf(stderr, "perigee: %s\n", why.text);
    return 1;
}

static int help(int argc, char **argv)
{
    const struct cli_command *command = argc > 2 ? cli_command_find(argv[2]) : NULL;

    if (argc > 2 && !command)
        return unknown_command(argv[2]);
    if (command)
        print_help(command);
    else
        print_usage(stdout);
    return end_output();
}

int cli_main(int argc, char **argv)
{
    if (argc < 2) {
        print_usage(stderr);
        return 2;
    }
    if (strcmp(argv[1], "--version") == 0) {
        version_print(argc > 2 && strcmp(argv[2], "--json") == 0);
        return end_output();
    }
    if (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0 ||
        strcmp(argv[1], "help") == 0)
        return help(argc, argv);
    const struct cli_command *command = cli_command_find(argv[1]);
    return command ? run_command(command, argc - 2, argv + 2) : unknown_command(argv[1]);
}
