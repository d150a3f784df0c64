/* The members of facts: one table that encodes, decodes, stores and prints them.
 *
 * A row names a member of the journal's JSON and says where in `struct fact` it
 * lives and how it is written. What a fact gains goes into its table as an
 * optional row: facts that were written before have nothing there. */
#ifndef ENGINE_FACT_FIELD_H
#define ENGINE_FACT_FIELD_H

#include "engine/fact.h"

enum fact_field_type {
    FIELD_TEXT,    /* char array */
    FIELD_COUNT,   /* uint64_t; beyond 2^63 as a string, which every reader of JSON keeps */
    FIELD_NANOS,   /* nanos */
    FIELD_INT,     /* int */
    FIELD_BOOL,    /* bool */
    FIELD_DECIMAL, /* decimal, as a string */
    FIELD_ENUM,    /* any enum, by name */
    FIELD_PRODUCT, /* product_ref, by symbol; PRODUCT_NONE is nothing */
    FIELD_STAGES,  /* the stages of a trace */
    FIELD_JSON,    /* const char *, one JSON value; always the last member */
};

struct fact_field {
    const char *name;
    const char *prefix; /* comma, name and colon, as JSON has them */
    size_t prefix_len;
    enum fact_field_type type;
    bool is_optional; /* left out when it holds nothing: "", 0, false, the enum's first value */
    size_t offset, size;
    const char *(*name_of)(int value); /* of enums */
    int first, count;                  /* of enums: the values first..count-1 */
};

const struct fact_field *fact_fields(enum fact_kind kind, int *count);

/* Where the field lives. */
static inline const void *fact_field_at(const struct fact_field *field, const struct fact *fact)
{
    return (const char *)fact + field->offset;
}

#endif
