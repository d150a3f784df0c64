#include "store/history_source.h"

#include <string.h>

enum err history_source_place(const struct history_source *source, enum err err,
                              struct fault *why)
{
    if (!err || !why)
        return err;
    return fault_prefix(why, "%s: %s %llu: ", source->path, source->position_name,
                        (unsigned long long)source->ops->position(source));
}

static enum err open_file(const struct history_input *input, struct history_source **out,
                          struct fault *why)
{
    if (!history_file_is_one(input->path))
        return history_csv_open(input, out, why);
    if (input->format != HISTORY_FORMAT_ANY)
        return fail(why, ERR_USAGE,
                    "%s: a history file knows what it holds; leave --kind %s out", input->path,
                    history_format_name(input->format));
    return history_file_open(input, out, why);
}

enum err history_source_open(const struct history_input *input, struct history_source **out,
                             struct fault *why)
{
    struct history_source *source;

    if (input->symbol && strlen(input->symbol) >= SYMBOL_MAX)
        return fail(why, ERR_USAGE, "\"%.40s\" is too long for a symbol (%d characters)",
                    input->symbol, SYMBOL_MAX - 1);
    enum err err = open_file(input, &source, why);
    if (err)
        return err;
    if (input->symbol)
        strcpy(source->info.symbol, input->symbol);
    *out = source;
    return OK;
}

void history_source_close(struct history_source *source)
{
    if (source)
        source->ops->close(source);
}
