/* What this program is and what it was built with. */
#ifndef APP_VERSION_H
#define APP_VERSION_H

#include <stdbool.h>

#define PERIGEE_VERSION "0.1.0"

/* The program's version and those of its libraries, as lines or as JSON, on stdout. */
void version_print(bool json);

#endif
