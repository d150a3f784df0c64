/* When may `ta.crossed_above` become `crossed_above`? Lua's scopes are not
 * followed; these rules need none of that:
 *
 * 1. A chunk that says _ENV anywhere is left alone: it may mean other globals.
 * 2. A library is replaced only where its name and a member's stand together, and
 *    only if its name stands nowhere in the chunk by itself. Every declaration,
 *    `local ta`, `function (ta)`, `for ta in`, has the name by itself, so there is
 *    none. (Behind a dot or a colon it is another table's member and does not count.)
 * 3. A shortcut is called like the member if the chunk has no such name of its own, else
 *    library_member, else it is not made. So it hides nothing and nothing hides it.
 * 4. A global needs no replacing: a local variable of the same name is in front of
 *    everything, and what the chunk declares itself is in front of that.
 *
 * What is assigned to a shortcut is refused by the compiler, which is why the text as it
 * was is compiled too and takes its place then: it says what is wrong, as before. */
#include "script/shortcuts.h"

#include <stdio.h>
#include <string.h>

#include "base/map.h"
#include "base/mem.h"
#include "script/lua_lexer.h"

enum { NAME_MAX_LEN = LUA_TOKEN_TEXT_MAX };

/* A name that matters somewhere: of a library, a global, a member, or a shortcut. */
struct word {
    char text[NAME_MAX_LEN];
    int index; /* of its mark */
};

struct member {
    char text[2 * NAME_MAX_LEN]; /* "ta.crossed_above"; a global's name alone */
    int index;
    struct word *library; /* NULL: a global */
    struct word *name, *long_name;
};

struct shortcuts {
    struct map *words, *members;
    struct word **all_words;
    struct member **all_members;
    int word_count, member_count;
};

struct shortcuts *shortcuts_new(void)
{
    struct shortcuts *s = mem_new(sizeof *s);

    s->words = map_new();
    s->members = map_new();
    return s;
}

void shortcuts_free(struct shortcuts *s)
{
    if (!s)
        return;
    map_free(s->words);
    map_free(s->members);
    for (int i = 0; i < s->word_count; i++)
        mem_free(s->all_words[i]);
    for (int i = 0; i < s->member_count; i++)
        mem_free(s->all_members[i]);
    mem_free(s->all_words);
    mem_free(s->all_members);
    mem_free(s);
}

static struct word *add_word(struct shortcuts *s, const char *text)
{
    struct word *word = map_find(s->words, text);

    if (word)
        return word;
    word = mem_new(sizeof *word);
    snprintf(word->text, sizeof word->text, "%s", text);
    word->index = s->word_count;
    map_set(s->words, word->text, word);
    s->all_words = mem_resize(s->all_words, (size_t)s->word_count + 1, sizeof *s->all_words);
    s->all_words[s->word_count++] = word;
    return word;
}

void shortcuts_add(struct shortcuts *s, const char *library, const char *name)
{
    char long_name[2 * NAME_MAX_LEN];
    int len = snprintf(long_name, sizeof long_name, "%s_%s", library ? library : "", name);

    if (len >= NAME_MAX_LEN) /* would be cut; none is that long */
        return;
    struct member *member = mem_new(sizeof *member);
    member->index = s->member_count;
    member->name = add_word(s, name);
    if (library) {
        member->library = add_word(s, library);
        member->long_name = add_word(s, long_name);
    }
    snprintf(member->text, sizeof member->text, "%s%s%s", library ? library : "",
             library ? "." : "", name);
    map_set(s->members, member->text, member);
    s->all_members =
        mem_resize(s->all_members, (size_t)s->member_count + 1, sizeof *s->all_members);
    s->all_members[s->member_count++] = member;
}

/* ---- reading a chunk ---- */

/* A name of the chunk that is no other table's member; where a library's member stands, both
 * together. */
struct place {
    const char *start;
    size_t len;
    const struct member *member; /* which it may be */
};

/* What is known of a chunk. */
struct chunk {
    const struct shortcuts *shortcuts;
    struct lua_lexer lexer;
    char before;   /* the symbol of the token before, if it has one */
    bool has_env;  /* it says _ENV */
    bool *is_used; /* by word: stands by itself */
    bool *is_made; /* by member: gets a shortcut */
};

static const struct member *find_member(const struct shortcuts *s, const char *start,
                                        size_t len)
{
    char text[2 * NAME_MAX_LEN];

    if (len >= sizeof text)
        return NULL;
    memcpy(text, start, len);
    text[len] = '\0';
    return map_find(s->members, text);
}

/* The member of a library whose name is the token, if ".member" follows at once. */
static const struct member *read_member(struct chunk *c, const struct lua_token *library)
{
    struct lua_lexer ahead = c->lexer;

    if (ahead.at == ahead.end || *ahead.at != '.')
        return NULL;
    struct lua_token dot = lua_lexer_next(&ahead), name = lua_lexer_next(&ahead);
    if (dot.symbol != '.' || name.kind != TOKEN_NAME || name.start != dot.start + 1)
        return NULL;
    const struct member *member =
        find_member(c->shortcuts, library->start, library->len + 1 + name.len);
    if (member)
        c->lexer = ahead;
    return member;
}

/* The next place; false at the end. */
static bool next_place(struct chunk *c, struct place *out)
{
    for (;;) {
        struct lua_token token = lua_lexer_next(&c->lexer);
        bool is_free = c->before != '.' && c->before != ':';
        c->before = token.kind == TOKEN_OTHER ? token.symbol : '\0';
        if (token.kind == TOKEN_END)
            return false;
        if (token.kind != TOKEN_NAME || !is_free)
            continue;
        const struct member *member = read_member(c, &token);
        if (!member)
            member = find_member(c->shortcuts, token.start, token.len);
        *out = (struct place){token.start, token.len, member};
        if (member && member->library)
            out->len = strlen(member->text);
        return true;
    }
}

static void note_place(struct chunk *c, const struct place *place)
{
    char text[NAME_MAX_LEN];

    if (place->member)
        c->is_made[place->member->index] = true;
    if ((place->member && place->member->library) || place->len >= sizeof text)
        return;
    memcpy(text, place->start, place->len);
    text[place->len] = '\0';
    const struct word *word = map_find(c->shortcuts->words, text);
    if (word)
        c->is_used[word->index] = true;
    c->has_env = c->has_env || strcmp(text, "_ENV") == 0;
}

/* ---- writing it ---- */

/* The name of a member's shortcut; NULL if there can be none. */
static const struct word *choose_name(const struct chunk *c, const struct member *member)
{
    if (!member->library)
        return member->name;
    if (c->is_used[member->library->index])
        return NULL;
    if (!c->is_used[member->name->index])
        return member->name;
    return c->is_used[member->long_name->index] ? NULL : member->long_name;
}

/* Chosen names are used from now on: two libraries may have members of one name. */
static int choose_names(struct chunk *c, const struct word **names)
{
    int count = 0;

    for (int i = 0; i < c->shortcuts->member_count; i++) {
        const struct member *member = c->shortcuts->all_members[i];
        names[i] = c->is_made[i] ? choose_name(c, member) : NULL;
        if (!names[i])
            continue;
        if (member->library)
            c->is_used[names[i]->index] = true;
        count++;
    }
    return count;
}

static void write_declaration(const struct chunk *c, const struct word *const *names,
                              struct buf *out)
{
    const struct shortcuts *s = c->shortcuts;
    const char *comma = "";

    buf_add_text(out, "local ");
    for (int i = 0; i < s->member_count; i++)
        if (names[i]) {
            buf_add_format(out, "%s%s<const>", comma, names[i]->text);
            comma = ",";
        }
    comma = " = "; /* not "<const>=", which ends in ">=" */
    for (int i = 0; i < s->member_count; i++)
        if (names[i]) {
            buf_add_format(out, "%s%s", comma, s->all_members[i]->text);
            comma = ",";
        }
    buf_add_text(out, ";");
}

static void write_text(struct chunk *c, const char *text, const struct word *const *names,
                       struct buf *out)
{
    const char *end = c->lexer.end, *written = text;
    struct place place;

    while (next_place(c, &place)) {
        const struct member *member = place.member;
        if (!member || !member->library || !names[member->index])
            continue;
        buf_add(out, written, (size_t)(place.start - written));
        buf_add_text(out, names[member->index]->text);
        written = place.start + place.len;
    }
    buf_add(out, written, (size_t)(end - written));
}

bool shortcuts_apply(const struct shortcuts *s, const char *text, size_t len, struct buf *out)
{
    struct chunk chunk = {.shortcuts = s, .lexer = lua_lexer_init(text, len)};
    struct place place;

    chunk.is_used = mem_new_array((size_t)s->word_count, sizeof *chunk.is_used);
    chunk.is_made = mem_new_array((size_t)s->member_count, sizeof *chunk.is_made);
    const struct word **names = mem_new_array((size_t)s->member_count, sizeof *names);
    while (next_place(&chunk, &place))
        note_place(&chunk, &place);
    bool is_worth_it = !chunk.has_env && choose_names(&chunk, names) > 0;
    if (is_worth_it) {
        write_declaration(&chunk, names, out);
        chunk.lexer = lua_lexer_init(text, len);
        chunk.before = '\0';
        write_text(&chunk, text, names, out);
    }
    mem_free(names);
    mem_free(chunk.is_made);
    mem_free(chunk.is_used);
    return is_worth_it;
}
