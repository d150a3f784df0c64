/* Facts as log lines: a journal that passes everything on to the one behind it
 * and says in the log what an operator wants to read. */
#ifndef APP_FACT_LOG_H
#define APP_FACT_LOG_H

#include "engine/engine.h"

struct fact_log;

/* Copies the inner port; borrows products. */
struct fact_log *fact_log_new(const struct journal_port *inner,
                              const struct product_table *products);
void fact_log_free(struct fact_log *log);
struct journal_port fact_log_port(struct fact_log *log);
/* Orders are looked up here once the engine is there. Borrowed. */
void fact_log_set_engine(struct fact_log *log, const struct engine *engine);

#endif
