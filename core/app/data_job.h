/* Private to `perigee data`: what its verbs share. */
#ifndef APP_DATA_JOB_H
#define APP_DATA_JOB_H

#include "app/args.h"
#include "base/buf.h"
#include "base/json.h"
#include "store/history.h"

enum { DATA_FILES_MAX = 256 };

struct data_job {
    const struct args *args; /* the verb, then files */
    bool json;
    struct buf out; /* what will be printed if nothing fails */
    bool prints_anyway;
};

/* The verbs. */
enum err data_import(struct data_job *job, struct fault *why) MUST_CHECK;
enum err data_synth(struct data_job *job, struct fault *why) MUST_CHECK;
enum err data_info(struct data_job *job, struct fault *why) MUST_CHECK;
enum err data_check_files(struct data_job *job, struct fault *why) MUST_CHECK;

/* The files named behind the verb, with --symbol, --kind and --interval; *count is at least 1.
 */
enum err data_job_inputs(const struct data_job *job,
                         struct history_input inputs[DATA_FILES_MAX], int *count,
                         struct fault *why) MUST_CHECK;

/* Refuses to write over a file without --force. */
enum err data_job_check_out(const struct data_job *job, const char *path,
                            struct fault *why) MUST_CHECK;

/* Members kind, symbol, interval (null where there is none), rows, first and last of an object;
 * the same as a line for people. */
void data_write_summary(struct json_writer *w, const struct history_info *info, uint64_t rows,
                        nanos first, nanos last);
void data_add_summary(struct buf *out, const struct history_info *info, uint64_t rows,
                      nanos first, nanos last);

/* The file that import or synth has written: its summary, with path, bytes and digest. */
enum err data_report_written(struct data_job *job, const char *path,
                             const struct history_info *info, uint64_t rows,
                             struct fault *why) MUST_CHECK;

#endif
