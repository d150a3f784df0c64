/* The settings of one run: the engine's, the rest of the profile, and where each
 * came from. Read in one go from default, profile, environment and command line;
 * there is either a whole valid configuration or none, so a reload that fails
 * changes nothing. */
#ifndef APP_CONFIG_H
#define APP_CONFIG_H

#include "app/run_settings.h"
#include "base/json.h"
#include "engine/settings.h"
#include "script/profile.h"

struct config {
    struct engine_settings engine;
    struct run_settings run;
    struct options *options;
    char name[64];          /* "dev"; of a file its name without folder and .lua */
    struct profile profile; /* the files; none when no profile was asked for */
};

/* One setting of the command line. */
struct config_set {
    const char *option; /* what the user typed, for messages: "--set", "--symbols" */
    const char *key;    /* NULL: the value is "KEY=VALUE" */
    const char *value;
};

struct config_request {
    const char *profile;           /* name or file; NULL: defaults alone */
    const struct config_set *sets; /* in the order of the command line */
    int set_count;
    char *const *environment; /* ends with NULL; NULL: the process's own */
};

/* Every mistake in files, environment and command line is a line in *problems (may be NULL);
 * *why has the first. config_free afterwards. */
enum err config_load(const struct config_request *request, struct config **out,
                     struct buf *problems, struct fault *why) MUST_CHECK;
void config_free(struct config *config);

/* What is set but honoured by nobody yet: "key = value (where)", one a line, appended to *out.
 * The number of them. */
int config_list_planned(const struct config *config, struct buf *out);

/* ERR_REFUSED naming the keys, when there are such. For whoever is about to run. */
enum err config_check_honoured(const struct config *config, struct fault *why) MUST_CHECK;

#endif
