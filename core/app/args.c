#include "app/args.h"

#include <assert.h>
#include <ctype.h>
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/text.h"

enum { VALUES_MAX = 512 };

struct value {
    const struct arg_option *option; /* NULL: positional */
    const char *text;
};

struct args {
    const struct arg_option *options;
    struct value values[VALUES_MAX];
    int count;
};

static const struct arg_option common[] = {
    {.name = "help", .help = "show this page"},
    {.name = "json", .help = "print JSON with stable keys"},
    {.name = NULL},
};

static const struct arg_option *find_in(const struct arg_option *options, const char *name,
                                        size_t len)
{
    for (; options && options->name; options++)
        if (strlen(options->name) == len && strncmp(options->name, name, len) == 0)
            return options;
    return NULL;
}

static const struct arg_option *find(const struct args *args, const char *name, size_t len)
{
    const struct arg_option *option = find_in(args->options, name, len);

    return option ? option : find_in(common, name, len);
}

static const char *nearest(const struct args *args, const char *name)
{
    const char *names[64];
    int count = 0;

    for (const struct arg_option *o = args->options; o && o->name && count < 62; o++)
        names[count++] = o->name;
    for (const struct arg_option *o = common; o->name; o++)
        names[count++] = o->name;
    return text_nearest(name, names, count);
}

static enum err unknown(const struct args *args, const char *word, struct fault *why)
{
    const char *hint = nearest(args, word + 2);

    if (hint)
        return fail(why, ERR_USAGE, "unknown option '%s'; did you mean '--%s'?", word, hint);
    return fail(why, ERR_USAGE, "unknown option '%s'; --help lists them", word);
}

static enum err add(struct args *args, const struct arg_option *option, const char *text,
                    struct fault *why)
{
    if (args->count == VALUES_MAX)
        return fail(why, ERR_USAGE, "more than %d words", VALUES_MAX);
    if (option && !option->repeats && !option->takes_many && args_has(args, option->name))
        return fail(why, ERR_USAGE, "--%s is given twice; it takes one value", option->name);
    args->values[args->count++] = (struct value){option, text};
    return OK;
}

static bool is_option(const char *word)
{
    return word[0] == '-' && word[1] == '-' && word[2];
}

/* One "--name...": takes its values from argv from *at on. */
static enum err take_option(struct args *args, int argc, char **argv, int *at,
                            struct fault *why)
{
    const char *word = argv[*at], *equals = strchr(word, '=');
    size_t len = equals ? (size_t)(equals - word) - 2 : strlen(word) - 2;
    const struct arg_option *option = find(args, word + 2, len);

    if (!option)
        return unknown(args, word, why);
    if (!option->value)
        return equals ? fail(why, ERR_USAGE, "--%s takes no value", option->name)
                      : add(args, option, "", why);
    if (equals)
        return add(args, option, equals + 1, why);
    if (*at + 1 >= argc || is_option(argv[*at + 1]))
        return fail(why, ERR_USAGE, "--%s needs a value: %s", option->name, option->value);
    enum err err = add(args, option, argv[++*at], why);
    while (!err && option->takes_many && *at + 1 < argc && !is_option(argv[*at + 1]))
        err = add(args, option, argv[++*at], why);
    return err;
}

static int positional_count(const struct args *args)
{
    int count = 0;

    for (int i = 0; i < args->count; i++)
        count += !args->values[i].option;
    return count;
}

static enum err check_positional(const struct args *args, int min, int max, struct fault *why)
{
    int count = positional_count(args);

    if (args_has(args, "help"))
        return OK;
    if (count < min)
        return fail(why, ERR_USAGE, "needs %d more word%s; --help shows how", min - count,
                    min - count == 1 ? "" : "s");
    if (count > max)
        return fail(why, ERR_USAGE, "unexpected word '%s'; --help shows how",
                    args_positional(args, max));
    return OK;
}

static enum err take_words(struct args *args, int argc, char **argv, struct fault *why)
{
    enum err err = OK;
    bool only_words = false;

    for (int i = 0; i < argc && !err; i++) {
        if (only_words)
            err = add(args, NULL, argv[i], why);
        else if (strcmp(argv[i], "--") == 0)
            only_words = true;
        else if (strcmp(argv[i], "-h") == 0)
            err = add(args, find_in(common, "help", 4), "", why);
        else if (is_option(argv[i]))
            err = take_option(args, argc, argv, &i, why);
        else
            err = add(args, NULL, argv[i], why);
    }
    return err;
}

enum err args_parse(int argc, char **argv, const struct arg_option *options, int positional_min,
                    int positional_max, struct args **out, struct fault *why)
{
    struct args *args = mem_new(sizeof *args);

    args->options = options;
    enum err err = take_words(args, argc, argv, why);
    if (!err)
        err = check_positional(args, positional_min, positional_max, why);
    if (err) {
        args_free(args);
        return err;
    }
    *out = args;
    return OK;
}

void args_free(struct args *args)
{
    mem_free(args);
}

const char *args_text_at(const struct args *args, const char *name, int index)
{
    const struct arg_option *option = find(args, name, strlen(name));

    assert(option); /* asking for an option the table does not have */
    for (int i = 0; i < args->count; i++)
        if (args->values[i].option == option && index-- == 0)
            return args->values[i].text;
    return NULL;
}

const char *args_text(const struct args *args, const char *name, const char *fallback)
{
    const char *text = args_text_at(args, name, 0);

    return text ? text : fallback;
}

bool args_has(const struct args *args, const char *name)
{
    return args_text_at(args, name, 0) != NULL;
}

const char *args_positional(const struct args *args, int index)
{
    for (int i = 0; i < args->count; i++)
        if (!args->values[i].option && index-- == 0)
            return args->values[i].text;
    return NULL;
}

enum err args_int(const struct args *args, const char *name, int64_t min, int64_t max,
                  int64_t *out, struct fault *why)
{
    const char *text = args_text(args, name, NULL);
    char *end;

    if (!text)
        return OK;
    errno = 0;
    long long number = strtoll(text, &end, 10);
    if (end == text || *end || isspace((unsigned char)*text))
        return fail(why, ERR_USAGE, "--%s %s: expected a whole number", name, text);
    if (number < min || number > max || errno == ERANGE)
        return fail(why, ERR_USAGE, "--%s %s: expected %" PRId64 " to %" PRId64, name, text,
                    min, max);
    *out = number;
    return OK;
}

/* Names the option in front of what the parser said. */
static enum err of_option(enum err err, const char *name, struct fault *why)
{
    if (!err)
        return OK;
    if (why)
        fault_prefix(why, "--%s: ", name);
    return ERR_USAGE;
}

enum err args_decimal(const struct args *args, const char *name, decimal *out,
                      struct fault *why)
{
    const char *text = args_text(args, name, NULL);

    return text ? of_option(decimal_parse(text, strlen(text), out, why), name, why) : OK;
}

enum err args_duration(const struct args *args, const char *name, nanos *out, struct fault *why)
{
    const char *text = args_text(args, name, NULL);

    return text ? of_option(nanos_parse_duration(text, out, why), name, why) : OK;
}

enum err args_time(const struct args *args, const char *name, nanos *out, struct fault *why)
{
    const char *text = args_text(args, name, NULL);

    return text ? of_option(nanos_parse(text, out, why), name, why) : OK;
}
