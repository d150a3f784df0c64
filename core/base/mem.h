/* Memory that is there or the program is not: running out aborts with a
 * message. The journal makes that safe, and constructors cannot fail.
 * (Lua's allocator is the exception: it has a quota and raises.) */
#ifndef BASE_MEM_H
#define BASE_MEM_H

#include <stddef.h>

void *mem_new(size_t size);                             /* zeroed */
void *mem_new_array(size_t count, size_t size);         /* zeroed; checks overflow */
void *mem_resize(void *old, size_t count, size_t size); /* new part is not zeroed */
char *mem_copy_text(const char *text);
void mem_free(void *memory); /* NULL is fine */

#endif
