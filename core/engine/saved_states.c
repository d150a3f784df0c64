#include "engine/saved_states.h"

#include <stdio.h>
#include <string.h>

#include "base/mem.h"

void saved_states_clear(struct saved_states *states)
{
    for (int i = 0; i < states->count; i++)
        mem_free(states->items[i].json);
    mem_free(states->items);
    *states = (struct saved_states){NULL, 0};
}

static struct saved_state *find(const struct saved_states *states, const char *subject)
{
    for (int i = 0; i < states->count; i++)
        if (strcmp(states->items[i].subject, subject) == 0)
            return &states->items[i];
    return NULL;
}

static struct saved_state *add(struct saved_states *states, const char *subject)
{
    states->items = mem_resize(states->items, (size_t)states->count + 1, sizeof *states->items);
    struct saved_state *state = &states->items[states->count++];
    *state = (struct saved_state){.json = NULL};
    snprintf(state->subject, sizeof state->subject, "%s", subject);
    return state;
}

void saved_states_apply(struct saved_states *states, const struct fact_state *fact)
{
    struct saved_state *state = find(states, fact->subject);

    if (!state)
        state = add(states, fact->subject);
    mem_free(state->json);
    state->json = mem_copy_text(fact->json);
    state->version = fact->version;
}

const struct saved_state *saved_states_find(const struct saved_states *states,
                                            const char *subject)
{
    return find(states, subject);
}
