/* Tables of options as sections of a reference page. */
#include "base/option.h"

/* A bar would end the table's cell. */
static void add_cell(const char *text, struct buf *out)
{
    for (; *text; text++) {
        if (*text == '|')
            buf_add_text(out, "\\");
        buf_add(out, text, 1);
    }
}

static void write_row(const struct option_table *table, const struct option *option,
                      struct buf *out)
{
    char key[OPTION_KEY_MAX];
    struct buf cell = BUF_INIT;

    option_table_key(table, option, NULL, key);
    buf_add_format(out, "| `%s%s` | ", key, option->type == OPTION_PARAMS ? ".NAME" : "");
    if (option->initial && option->initial[0])
        buf_add_format(out, "`%s`", option->initial);
    buf_add_text(out, " | ");
    option_describe(option, &cell);
    add_cell(buf_text(&cell), out);
    buf_add_text(out, " | ");
    add_cell(option->help, out);
    if (option->planned)
        buf_add_format(out, " *Not honoured yet%s%s.*", option->planned[0] == '*' ? "" : ": ",
                       option->planned[0] == '*' ? "" : option->planned);
    buf_add_text(out, " |\n");
    buf_clear(&cell);
}

void option_table_write_markdown(const struct option_table *table, struct buf *out)
{
    buf_add_format(out, "## %s\n\n", table->title);
    if (table->help)
        buf_add_format(out, "%s\n\n", table->help);
    buf_add_text(out, "| key | default | value | meaning |\n|---|---|---|---|\n");
    for (int i = 0; i < table->count; i++)
        write_row(table, &table->options[i], out);
    buf_add_text(out, "\n");
}
