/* A command of the program: one table row, one file command_NAME.c.
 *
 * Exit codes: 0 success, 1 the thing asked for failed, 2 wrong usage. Results
 * go to stdout, complaints to stderr; with --json the result is one JSON object
 * with stable keys. */
#ifndef APP_COMMAND_H
#define APP_COMMAND_H

#include "app/args.h"
#include "base/buf.h"
#include "base/err.h"

struct cli_command {
    const char *name;
    const char *summary;  /* one line, lower case, no full stop */
    const char *words;    /* the positional words, "[FILE...]"; "" if none */
    const char *examples; /* lines, each a whole command line and, after two blanks, # why */
    const struct arg_option *options; /* NULL-terminated table; may be NULL */
    int words_min, words_max;

    /* On failure fills in *why; the frame prints it and picks the exit code (ERR_USAGE 2,
     * others 1). A *why without text: the command has said everything itself. */
    enum err (*run)(const struct args *args, struct fault *why);
};

extern const struct cli_command command_backtest, command_cancel_all, command_config,
    command_data, command_docs, command_events, command_flatten, command_halt, command_kill,
    command_new, command_orders, command_pause, command_positions, command_reduce_only,
    command_resume, command_run, command_simulate, command_status, command_verify;

/* All commands in the order of the help page; NULL past the end. */
const struct cli_command *cli_command_at(int index);
const struct cli_command *cli_command_find(const char *name);

/* The whole program: argv of main, exit code. */
int cli_main(int argc, char **argv);

/* The help page of one command, as --help prints it and docs/commands.md holds it. */
void cli_write_help(const struct cli_command *command, struct buf *out);

#endif
