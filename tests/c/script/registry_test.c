#include "hosts.h"

#include <lauxlib.h>

#include "script/registry.h"
#include "series/indicators.h"

static struct rig rig;

/* What a bar handler that runs the body gives as its reason, or the fault. */
static const char *in_handler(const char *body)
{
    static char said[FAULT_TEXT_MAX];
    char text[1024];

    snprintf(text, sizeof text,
             "local bot = strategy.new('bot', {})\n"
             "function bot:on_bar(market, bar) local portfolio, frame, position, indicator = "
             "nil, market:bars('1m'), market.position, market:sma(3)\n"
             "return hold(tostring(%s)) end\nreturn bot",
             body);
    if (rig_load(&rig, text, NULL) || rig_bar(&rig, 10))
        snprintf(said, sizeof said, "%s", without_folder(&rig.why));
    else
        snprintf(said, sizeof said, "%s", rig.decisions.items[0].reason);
    rig_clear(&rig);
    return said;
}

TEST(every_function_in_the_table_is_a_function_in_the_sandbox)
{
    for (int i = 0; registry_at(i); i++) {
        const struct group *group = registry_at(i);
        for (const struct entry *entry = group->entries; entry->name; entry++) {
            char body[128];
            if (entry->kind != ENTRY_FUNCTION)
                continue;
            snprintf(body, sizeof body, "type(%s%s%s)", group->name, group->name[0] ? "." : "",
                     entry->name);
            if (strcmp(in_handler(body), "function") != 0)
                fail_msg("%s is %s", body, in_handler(body));
        }
    }
}

TEST(every_field_in_the_table_can_be_read)
{
    static const char *const classes[] = {"market", "bar", "frame", "position"};

    for (size_t i = 0; i < ARRAY_LEN(classes); i++) {
        const struct group *group = registry_find(classes[i]);
        assert_non_null(group);
        for (const struct entry *entry = group->entries; entry->name; entry++) {
            char body[128];
            snprintf(body, sizeof body, "'read ' .. type(%s.%s)", classes[i], entry->name);
            const char *said = in_handler(body);
            if (strncmp(said, "read ", 5) != 0)
                fail_msg("%s.%s: %s", classes[i], entry->name, said);
            if (entry->kind == ENTRY_METHOD)
                assert_string_equal(said, "read function");
        }
    }
}

TEST(every_indicator_is_a_method_of_markets_and_frames)
{
    for (int i = 0; i < indicators_count(); i++) {
        char body[128];
        snprintf(body, sizeof body, "tostring(market:%s()) .. tostring(frame:%s())",
                 indicators_at(i)->name, indicators_at(i)->name);
        assert_string_equal(in_handler(body), "indicatorindicator");
    }
}

TEST(no_entry_is_without_words)
{
    for (int i = 0; registry_at(i); i++) {
        assert_true(strlen(registry_at(i)->doc) > 3);
        for (const struct entry *entry = registry_at(i)->entries; entry->name; entry++) {
            size_t len = strlen(entry->doc);
            if (len < 4 || entry->doc[len - 1] != '.' || strchr(entry->doc, '\n') ||
                !entry->usage[0])
                fail_msg("%s.%s: a sentence, please: %s", registry_at(i)->name, entry->name,
                         entry->doc);
        }
    }
}

TEST(the_meta_file_is_valid_lua)
{
    struct buf meta = BUF_INIT;
    lua_State *L = luaL_newstate();

    registry_write_meta(&meta);
    if (luaL_loadbufferx(L, buf_text(&meta), meta.len, "=meta", "t"))
        fail_msg("%s", lua_tostring(L, -1));
    lua_close(L);
    assert_non_null(strstr(buf_text(&meta), "---@meta\n"));
    assert_non_null(strstr(buf_text(&meta), "---@field on_bar fun(self: table, market: market, "
                                            "bar: bar): decision?"));
    assert_non_null(strstr(buf_text(&meta), "function market:sma(...) end"));
    buf_clear(&meta);
}

TEST(the_page_names_everything)
{
    struct buf page = BUF_INIT;

    registry_write_markdown(&page);
    for (int i = 0; registry_at(i); i++)
        for (const struct entry *entry = registry_at(i)->entries; entry->name; entry++)
            if (!strstr(buf_text(&page), entry->doc))
                fail_msg("%s.%s is not on the page", registry_at(i)->name, entry->name);
    for (int i = 0; i < indicators_count(); i++)
        assert_non_null(strstr(buf_text(&page), indicators_at(i)->summary));
    buf_clear(&page);
}

static const char *help(const char *name)
{
    static char text[256];
    struct buf out = BUF_INIT;
    bool found = registry_write_help(name, &out);

    snprintf(text, sizeof text, "%s", found ? buf_text(&out) : "nothing");
    buf_clear(&out);
    return text;
}

TEST(help_is_found_by_name_by_path_and_by_group)
{
    assert_non_null(strstr(help("close"), "close(reason: string"));
    assert_non_null(strstr(help("sma"), "simple moving average"));
    assert_non_null(strstr(help("market.price"), "market.price\n  The mark"));
    assert_non_null(strstr(help("market:bars"), "market:bars(interval: string): frame"));
    assert_non_null(strstr(help("position"), "## position"));
    assert_string_equal(help("nonsense"), "nothing");
    assert_string_equal(help("market.nonsense"), "nothing");
}
