/* Settings as tables: each option has one row that says its key, type, place in
 * a struct, default, range, unit and help. Reading, printing, explaining and the
 * reference pages all come from that row.
 *
 * A row holds its default and its bounds as the text a person would write, so
 * that they read like the profile they govern and need no second notation. */
#ifndef BASE_OPTION_H
#define BASE_OPTION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"

enum option_type {
    OPTION_BOOL,     /* bool */
    OPTION_INT,      /* int64_t */
    OPTION_DECIMAL,  /* decimal */
    OPTION_SHARE,    /* decimal: "0.05", "5%" and "500bps" are the same */
    OPTION_DURATION, /* nanos: "30s" */
    OPTION_TIME,    /* int64_t, minutes since midnight UTC: "14:00"; "24:00" is the day's end */
    OPTION_DAYS,    /* uint32_t, bit 0 Monday .. bit 6 Sunday: "mon-fri", "sat sun" */
    OPTION_CHOICE,  /* int or an enum: the index in `choices` */
    OPTION_TEXT,    /* char[size] */
    OPTION_WORD,    /* char[size], letters and digits */
    OPTION_SYMBOLS, /* struct option_symbols: "BTC-USD ETH-USD" */
    OPTION_PARAMS,  /* struct option_params: any names, for a script that declares them */
    OPTION_TYPE_COUNT
};

/* How a value was written. Where there is only text (environment, command line) any type is
 * read from it; in a profile a true is not a 1, and a duration is not a number. */
enum option_kind { OPTION_AS_TEXT, OPTION_AS_STRING, OPTION_AS_NUMBER, OPTION_AS_BOOL };

struct option_value {
    enum option_kind kind;
    const char *text;
    const char *where; /* "dev.lua:12": parameters remember it; may be NULL */
};

enum { OPTION_SYMBOL_MAX = 32, OPTION_SYMBOLS_MAX = 64 };

struct option_symbols {
    int count;
    char items[OPTION_SYMBOLS_MAX][OPTION_SYMBOL_MAX];
};

enum {
    OPTION_PARAM_NAME_MAX = 48,
    OPTION_PARAM_TEXT_MAX = 128,
    OPTION_PARAM_WHERE_MAX = 64,
    OPTION_PARAMS_MAX = 32,
};

struct option_param {
    char name[OPTION_PARAM_NAME_MAX];
    char text[OPTION_PARAM_TEXT_MAX];
    enum option_kind kind;
    char where[OPTION_PARAM_WHERE_MAX]; /* it was written, the end of a long path; "" unknown */
};

struct option_params {
    int count;
    struct option_param items[OPTION_PARAMS_MAX];
};

struct option {
    const char *key; /* within its table: "max_order_value"; "" is the element itself */
    enum option_type type;
    size_t offset;         /* of the value in the target */
    size_t size;           /* of a text, with its NUL */
    const char *initial;   /* the default */
    const char *min, *max; /* both allowed; NULL: no bound */
    const char *none;      /* what zero means ("no limit"): then "none" and 0 are allowed */
    const char *const *choices; /* ends with NULL */
    const char *unit;           /* "USD", "base units"; NULL: the type says it. Of choices: what
                                   they are, where there are too many to list */
    const char *help;           /* a sentence or two */
    const char *planned; /* known, not honoured yet: "*" is every value but the default, else
                            the choices meant, "paper coinbase"; NULL: honoured */
    size_t has;          /* a bool in the target that setting the option makes true; 0: none */
    bool is_main;        /* stands for its whole element: strategies = { "sma_cross" } */
};

/* Elements of an array in the target, named by a part of the key: risk.symbols.BTC-USD.max_...
 */
enum option_naming {
    OPTION_BY_NUMBER, /* 1, 2, 3: a list, in the order of the profile */
    OPTION_BY_SYMBOL, /* each element begins with char[OPTION_SYMBOL_MAX] */
    OPTION_BY_WORD,   /* likewise, letters and digits, a letter first */
};

struct option_elements {
    enum option_naming naming;
    size_t items, stride; /* the array in the target */
    size_t count;         /* an int in the target */
    int max;
};

struct option_table {
    const char *prefix; /* "risk"; "" for keys without a dot */
    const char *title;
    const char *help; /* a paragraph for the reference page */
    const struct option *options;
    int count;
    const struct option_elements *elements; /* NULL: the options lie in the target itself */
};

enum { OPTION_KEY_MAX = 160 };

/* The whole key of an option: "risk.symbols.BTC-USD.max_order_size". Without an element's name
 * a word in capitals stands for it: "risk.symbols.SYMBOL.max_order_size". Returns out. */
const char *option_table_key(const struct option_table *table, const struct option *option,
                             const char *element, char out[OPTION_KEY_MAX]);

/* Reads a value and stores it in `target`, the struct (or element) the table is about.
 * ERR_PARSE for the wrong type, ERR_RANGE for what is out of bounds; nothing is stored then,
 * and *why says what would be right, beginning with `key`. A NULL target only checks. */
enum err option_set(const struct option *option, void *target, const char *key,
                    const struct option_value *value, struct fault *why) MUST_CHECK;

/* One parameter of an OPTION_PARAMS. */
enum err option_set_param(const struct option *option, void *target, const char *name,
                          const char *key, const struct option_value *value,
                          struct fault *why) MUST_CHECK;

/* Writes every default of the table; lists get no elements. */
void option_table_init(const struct option_table *table, void *target);
void option_init_all(const struct option *options, int count, void *target);

/* The value as option_set would read it. "none" where zero means that. */
void option_format(const struct option *option, const void *target, struct buf *out);

/* "a share from 0.1% to 100%, or none (no limit)". */
void option_describe(const struct option *option, struct buf *out);

/* Whether the value in `target` is one that nobody honours yet. */
bool option_is_planned(const struct option *option, const void *target);

/* The table as a section of a reference page, in Markdown. */
void option_table_write_markdown(const struct option_table *table, struct buf *out);

const char *option_type_name(enum option_type type); /* "duration" */

#endif
