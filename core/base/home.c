#include "base/home.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/attr.h"

static const struct {
    const char *variable, *below;
} places[] = {
    {"PERIGEE_HOME", ""},
    {"XDG_STATE_HOME", "/perigee"},
    {"HOME", "/.local/state/perigee"},
};

bool home_path(const char *rest, char out[HOME_PATH_MAX])
{
    for (size_t i = 0; i < ARRAY_LEN(places); i++) {
        const char *base = getenv(places[i].variable);
        if (!base || !base[0])
            continue;
        int len = snprintf(out, HOME_PATH_MAX, "%s%s%s%s", base, places[i].below,
                           rest[0] ? "/" : "", rest);
        return len < HOME_PATH_MAX;
    }
    return false;
}
