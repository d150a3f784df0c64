/* Where Perigee keeps what it must remember: $PERIGEE_HOME, else
 * $XDG_STATE_HOME/perigee, else ~/.local/state/perigee. Below it each profile has
 * a folder of its own, and lua/ holds scripts of the user's. */
#ifndef BASE_HOME_H
#define BASE_HOME_H

#include <stdbool.h>

enum { HOME_PATH_MAX = 400 };

/* "HOME/rest", or the home itself for "". Makes nothing. False when the environment names no
 * home, or the path is too long. */
bool home_path(const char *rest, char out[HOME_PATH_MAX]);

#endif
