/* The table of indicators: the one list of what there is, what each is made
 * from, its options and outputs, and how many bars it needs. Scripts, docs,
 * completion and validation all read it. */
#ifndef SERIES_INDICATORS_H
#define SERIES_INDICATORS_H

#include "series/indicator_info.h"

int indicators_count(void);
const struct indicator_info *indicators_at(int index);
const struct indicator_info *indicators_find(const char *name); /* NULL: no such indicator */

#endif
