/* Making indicators for scripts. */
#ifndef SCRIPT_API_INDICATOR_H
#define SCRIPT_API_INDICATOR_H

#include "script/api.h"

/* The body of market:sma(...) and its kind: arguments from index 2 on are options; pushes the
 * handle. */
int api_make_indicator(lua_State *L, struct frame *frame, const struct indicator_info *info);

#endif
