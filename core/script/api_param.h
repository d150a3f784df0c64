/* Declarations of parameters, as scripts make them. */
#ifndef SCRIPT_API_PARAM_H
#define SCRIPT_API_PARAM_H

#include "script/api.h"
#include "script/params.h"

/* What param.integer { ... } and its kind made, without a name yet; NULL when the value is
 * something else. Borrowed while the value lives. Neither allocates nor raises. */
const struct param *api_to_param(lua_State *L, int index);

#endif
