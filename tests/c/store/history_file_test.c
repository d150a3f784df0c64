#include <dirent.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/mem.h"
#include "history_rows.h"
#include "store/history_block.h"
#include "store/history_layout.h"

static struct history *open_one(const char *path)
{
    struct history *history;
    struct fault why;

    if (history_open(&(struct history_input){.path = path}, 1, 0, 0, &history, &why))
        fail_msg("%s", why.text);
    return history;
}

static void assert_rows_come_back(enum history_kind kind, int rows, uint64_t seed)
{
    struct rng written = rng_stream(seed, "rows"), expected = written;
    struct history *history = open_one(write_random("random.pgh", kind, rows, &written));
    struct history_row row, wanted = first_row(kind);
    bool has;

    assert_int_equal(history_input_info(history, 0)->rows, rows);
    for (int i = 0; i < rows; i++) {
        make_next_row(&expected, &wanted);
        assert_int_equal(history_next(history, &row, &has, NULL), OK);
        assert_true(has);
        assert_row_equal(&row, &wanted);
    }
    assert_int_equal(history_next(history, &row, &has, NULL), OK);
    assert_false(has);
    assert_int_equal(history_permille(history), 1000);
    history_close(history);
}

TEST(rows_of_every_kind_come_back_as_they_were_written)
{
    for (int kind = 0; kind < HISTORY_KIND_COUNT; kind++) {
        assert_rows_come_back((enum history_kind)kind, 1, 1);
        assert_rows_come_back((enum history_kind)kind, 3000, 2);
    }
    assert_rows_come_back(HISTORY_BARS, HISTORY_BLOCK_ROWS, 3);
    assert_rows_come_back(HISTORY_BARS, 2 * HISTORY_BLOCK_ROWS + 1, 4);
}

TEST(a_file_knows_what_it_holds)
{
    struct rng rng = rng_stream(1, "info");
    struct history *history = open_one(write_random("info.pgh", HISTORY_BARS, 100, &rng));
    const struct history_info *info = history_input_info(history, 0);

    assert_int_equal(info->kind, HISTORY_BARS);
    assert_string_equal(info->symbol, "BTC-USD");
    assert_int_equal(info->interval, MINUTES(5));
    assert_true(info->is_columnar);
    assert_int_equal(info->rows, 100);
    assert_int_equal(strlen(info->digest), 64);
    assert_true(info->first > DAYS(17000) && info->last > info->first);
    history_close(history);
}

TEST(the_same_rows_make_the_same_file_and_other_rows_another)
{
    struct rng a = rng_stream(5, "same"), b = a, c = rng_stream(6, "same");
    struct history *one = open_one(write_random("a.pgh", HISTORY_TRADES, 500, &a));
    struct history *two = open_one(write_random("b.pgh", HISTORY_TRADES, 500, &b));
    struct history *three = open_one(write_random("c.pgh", HISTORY_TRADES, 500, &c));

    assert_string_equal(history_input_info(one, 0)->digest, history_input_info(two, 0)->digest);
    assert_string_not_equal(history_input_info(one, 0)->digest,
                            history_input_info(three, 0)->digest);
    history_close(one);
    history_close(two);
    history_close(three);
}

TEST(rows_of_every_kind_come_back_from_text)
{
    for (int kind = 0; kind < HISTORY_KIND_COUNT; kind++) {
        struct rng written = rng_stream(8, "text"), expected = written;
        struct history *history =
            open_one(write_random("text.csv", (enum history_kind)kind, 3000, &written));
        struct history_row row, wanted = first_row((enum history_kind)kind);
        bool has;
        assert_false(history_input_info(history, 0)->is_columnar);
        for (int i = 0; i < 3000; i++) {
            make_next_row(&expected, &wanted);
            assert_int_equal(history_next(history, &row, &has, NULL), OK);
            assert_true(has);
            assert_row_equal(&row, &wanted);
        }
        assert_int_equal(history_next(history, &row, &has, NULL), OK);
        assert_false(has);
        history_close(history);
    }
}

/* Damage */

/* Reads everything of a file that may be damaged. OK if all rows came. */
static enum err read_all(const char *path, struct fault *why)
{
    struct history *history;
    struct history_row row;
    bool has = true;
    enum err err = history_open(&(struct history_input){.path = path}, 1, 0, 0, &history, why);

    if (err)
        return err;
    while (!err && has)
        err = history_next(history, &row, &has, why);
    history_close(history);
    return err;
}

TEST(a_file_cut_short_is_refused_wherever_it_is_cut)
{
    struct rng rng = rng_stream(1, "cut");
    size_t len;
    unsigned char *bytes =
        read_bytes(write_random("whole.pgh", HISTORY_QUOTES, 40, &rng), &len);
    struct fault why;

    for (size_t cut = 8; cut < len; cut += cut < 200 || len - cut < 200 ? 1 : 13) {
        const char *path = write_bytes("cut.pgh", bytes, cut);
        assert_int_equal(read_all(path, &why), ERR_CORRUPT);
        assert_contains(why.text, "cut.pgh: damaged: ");
        assert_contains(why.text, "import it again");
    }
    free(bytes);
}

TEST(a_file_with_something_behind_it_is_refused)
{
    struct rng rng = rng_stream(1, "longer");
    size_t len;
    unsigned char *bytes = read_bytes(write_random("w.pgh", HISTORY_QUOTES, 40, &rng), &len);
    struct fault why;

    bytes[len] = 0;
    assert_int_equal(read_all(write_bytes("longer.pgh", bytes, len + 1), &why), ERR_CORRUPT);
    assert_contains(why.text, "cut short, or something was added");
    free(bytes);
}

TEST(every_flipped_bit_is_noticed)
{
    struct rng rng = rng_stream(1, "flip");
    size_t len;
    unsigned char *bytes = read_bytes(write_random("w.pgh", HISTORY_BOOK, 20, &rng), &len);
    struct fault why;

    for (size_t i = 0; i < len; i++) {
        unsigned char bit = (unsigned char)(1 << (i % 8));
        bytes[i] ^= bit;
        const char *path = write_bytes("flipped.pgh", bytes, len);
        /* Without its first bytes it is taken for a CSV, and is none. */
        assert_int_equal(read_all(path, &why), i < 8 ? ERR_PARSE : ERR_CORRUPT);
        assert_contains(why.text, "flipped.pgh: ");
        bytes[i] ^= bit;
    }
    free(bytes);
}

TEST(a_damaged_block_is_named_by_its_rows_and_the_rows_before_it_are_good)
{
    struct rng rng = rng_stream(1, "block");
    size_t len;
    unsigned char *bytes =
        read_bytes(write_random("w.pgh", HISTORY_BARS, 2 * HISTORY_BLOCK_ROWS + 5, &rng), &len);
    struct history *history;
    struct history_row row;
    struct fault why;
    bool has;
    enum err err = OK;
    int rows = 0;

    bytes[len - 3 * sizeof(struct history_entry) - 1] ^= 1;
    history = open_one(write_bytes("block.pgh", bytes, len));
    for (; !err; rows += !err)
        err = history_next(history, &row, &has, &why);
    assert_int_equal(rows, 2 * HISTORY_BLOCK_ROWS);
    assert_contains(why.text, "damaged: rows 32769 to 32773 do not match their checksum");
    history_close(history);
    free(bytes);
}

/* Writes a whole file whose digests are right and whose numbers are what the test wants. */
static const char *write_crafted(struct history_header header, struct history_entry entry,
                                 const void *block, size_t block_len)
{
    size_t len = 0;
    char bytes[4000], digest[DIGEST_TEXT_MAX];
    struct digest *work = digest_new();

    digest_add(work, block, block_len);
    memcpy(entry.digest, digest_finish(work, digest), sizeof entry.digest);
    digest_free(work);
    history_layout_digest(&header, &entry, digest);
    memcpy(header.digest, digest, sizeof header.digest);
    memcpy(bytes, &header, sizeof header);
    len = sizeof header;
    memcpy(bytes + len, block, block_len);
    len += block_len;
    memcpy(bytes + len, &entry, sizeof entry);
    return write_bytes("crafted.pgh", bytes, len + sizeof entry);
}

TEST(numbers_that_make_no_sense_are_refused_under_a_right_checksum)
{
    struct rng rng = rng_stream(1, "crafted");
    size_t len;
    unsigned char *bytes = read_bytes(write_random("w.pgh", HISTORY_TRADES, 1, &rng), &len);
    struct history_header good, header;
    struct history_entry entry, good_entry;
    struct fault why;

    memcpy(&good, bytes, sizeof good);
    memcpy(&good_entry, bytes + good.directory, sizeof good_entry);
    unsigned char *block = bytes + sizeof good;
    assert_int_equal(read_all(write_crafted(good, good_entry, block, good_entry.bytes), &why),
                     OK);

    header = good, header.version = 2;
    assert_int_equal(read_all(write_crafted(header, good_entry, block, good_entry.bytes), &why),
                     ERR_CORRUPT);
    assert_contains(why.text, "format version 2, but this program reads version 1");
    header = good, header.kind = HISTORY_KIND_COUNT;
    assert_int_equal(read_all(write_crafted(header, good_entry, block, good_entry.bytes), &why),
                     ERR_CORRUPT);
    header = good, header.rows = 2;
    assert_int_equal(read_all(write_crafted(header, good_entry, block, good_entry.bytes), &why),
                     ERR_CORRUPT);
    assert_contains(why.text, "its directory makes no sense");
    entry = good_entry, entry.place = 0;
    assert_int_equal(read_all(write_crafted(good, entry, block, good_entry.bytes), &why),
                     ERR_CORRUPT);
    entry = good_entry, entry.bytes = UINT32_MAX;
    assert_int_equal(read_all(write_crafted(good, entry, block, good_entry.bytes), &why),
                     ERR_CORRUPT);
    block[0] ^= 0xff, block[15] = 0x80; /* a time far below zero */
    assert_int_equal(read_all(write_crafted(good, good_entry, block, good_entry.bytes), &why),
                     ERR_CORRUPT);
    assert_contains(why.text, "a value is out of its range");
    free(bytes);
}

/* Writing */

static int count_files(void)
{
    DIR *dir = opendir(check_tmp());
    int count = 0;

    for (struct dirent *entry = readdir(dir); entry; entry = readdir(dir))
        count += strncmp(entry->d_name, "atomic", 6) == 0;
    closedir(dir);
    return count;
}

TEST(a_file_appears_when_it_is_complete_or_not_at_all)
{
    struct history_writer *writer;
    struct history_row row = first_row(HISTORY_TRADES);
    struct rng rng = rng_stream(1, "atomic");
    struct fault why;

    for (int commits = 0; commits < 2; commits++) {
        assert_int_equal(
            history_writer_open(tmp_path("atomic.pgh"), HISTORY_TRADES, "", 0, &writer, NULL),
            OK);
        assert_int_equal(history_writer_commit(writer, &why), ERR_REFUSED);
        assert_contains(why.text, "atomic.pgh: there are no rows to write");
        make_next_row(&rng, &row);
        assert_int_equal(history_writer_add(writer, &row, NULL), OK);
        assert_int_equal(history_writer_rows(writer), 1);
        assert_false(file_exists(tmp_path("atomic.pgh")));
        assert_int_equal(count_files(), 1);
        if (commits)
            assert_int_equal(history_writer_commit(writer, NULL), OK);
        history_writer_close(writer);
        assert_int_equal(count_files(), commits);
    }
    assert_int_equal(read_all(tmp_path("atomic.pgh"), &why), OK);
    unlink(tmp_path("atomic.pgh"));
}

TEST(a_full_disk_leaves_the_old_file_as_it_was)
{
    struct rng rng = rng_stream(1, "full");
    const char *path = write_random("atomic.pgh", HISTORY_TRADES, 10, &rng);
    struct rlimit old, small;
    struct history_writer *writer;
    struct history_row row = first_row(HISTORY_TRADES);
    struct fault why;
    enum err err = OK;

    assert_int_equal(getrlimit(RLIMIT_FSIZE, &old), 0);
    small = (struct rlimit){.rlim_cur = 4096, .rlim_max = old.rlim_max};
    signal(SIGXFSZ, SIG_IGN);
    assert_int_equal(history_writer_open(path, HISTORY_TRADES, "", 0, &writer, NULL), OK);
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &small), 0);
    for (int i = 0; i < 2 * HISTORY_BLOCK_ROWS && !err; i++) {
        make_next_row(&rng, &row);
        err = history_writer_add(writer, &row, &why);
    }
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &old), 0);
    assert_int_equal(err, ERR_IO);
    assert_contains(why.text, "atomic.pgh: cannot write it: ");
    history_writer_close(writer);
    assert_int_equal(count_files(), 1);
    assert_int_equal(read_all(path, &why), OK);
    unlink(path);
}

TEST(a_device_or_folder_is_not_replaced_by_a_file)
{
    struct history_writer *writer;
    struct fault why;

    assert_int_equal(history_writer_open("/dev/null", HISTORY_TRADES, "", 0, &writer, &why),
                     ERR_REFUSED);
    assert_string_equal(why.text,
                        "/dev/null: not a regular file, and would be replaced by one; "
                        "choose another name");
    assert_int_equal(history_writer_open(check_tmp(), HISTORY_TRADES, "", 0, &writer, &why),
                     ERR_REFUSED);
}

TEST(a_folder_that_is_not_there_is_named)
{
    struct history_writer *writer;
    struct fault why;

    assert_int_equal(
        history_writer_open(tmp_path("no/where.pgh"), HISTORY_TRADES, "", 0, &writer, &why),
        ERR_IO);
    assert_contains(why.text, "no/where.pgh: cannot write it: No such file or directory");
}

TEST(rows_that_reading_would_refuse_are_not_written)
{
    struct history_writer *writer;
    struct rng rng = rng_stream(1, "refused");
    struct history_row row = first_row(HISTORY_BARS), bad;
    struct fault why;

    assert_int_equal(history_writer_open(tmp_path("refused.pgh"), HISTORY_BARS, "BTC-USD",
                                         MINUTES(5), &writer, NULL),
                     OK);
    make_next_row(&rng, &row);
    assert_int_equal(history_writer_add(writer, &row, NULL), OK);
    assert_int_equal(history_writer_add(writer, &row, &why), ERR_REFUSED);
    assert_contains(why.text, "occurs a second time");
    make_next_row(&rng, &row);
    bad = row, bad.bar.high = dec("0.000000000001"), bad.bar.low = bad.bar.high;
    bad.bar.open = bad.bar.close = dec("2");
    assert_int_equal(history_writer_add(writer, &bad, &why), ERR_REFUSED);
    assert_contains(why.text, "high or low does not enclose the other prices: open 2, high");
    assert_int_equal(history_writer_add(writer, &row, NULL), OK);
    assert_int_equal(history_writer_rows(writer), 2);
    history_writer_close(writer);
}

TEST(a_long_symbol_is_refused)
{
    struct history_writer *writer;
    struct fault why;

    assert_int_equal(history_writer_open(tmp_path("x.pgh"), HISTORY_TRADES,
                                         "A-SYMBOL-OF-THIRTY-TWO-CHARACTERS", 0, &writer, &why),
                     ERR_USAGE);
    assert_contains(why.text, "too long for a symbol");
}

TEST(an_interval_other_than_the_files_is_refused)
{
    struct rng rng = rng_stream(1, "interval");
    struct history *history;
    struct fault why;
    struct history_input input = {.path = write_random("i.pgh", HISTORY_BARS, 3, &rng),
                                  .interval = MINUTES(1)};

    assert_int_equal(history_open(&input, 1, 0, 0, &history, &why), ERR_USAGE);
    assert_contains(why.text, "its bars are 5m long, not 1m");
    input.interval = 0;
    input.format = HISTORY_FORMAT_TRADES;
    assert_int_equal(history_open(&input, 1, 0, 0, &history, &why), ERR_USAGE);
    assert_contains(why.text, "leave --kind trades out");
}
