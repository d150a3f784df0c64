/* The table of indicators: the one list of what there is, what each is made
 * from, its options and outputs, and how many bars it needs. Scripts, docs,
 * completion and validation all read it. */
#ifndef SERIES_CATALOGUE_H
#define SERIES_CATALOGUE_H

#include "series/indicator_info.h"

int catalogue_count(void);
const struct indicator_info *catalogue_at(int index);
const struct indicator_info *catalogue_find(const char *name); /* NULL: no such indicator */

#endif
