#include "store/history_block.h"

#include <assert.h>
#include <string.h>

static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__, "files are little-endian");

/* A column's header in the file. */
struct head {
    int128 low, high;
    uint128 step;
    uint32_t width;
    uint32_t zero[3];
};
static_assert(sizeof(struct head) == HISTORY_BLOCK_HEADER, "no padding");

/* Encoding */

/* The 128-bit division of the compiler's library is slow even for small numbers. */
static uint128 divide(uint128 n, uint128 divisor)
{
    if (LIKELY((n | divisor) <= UINT64_MAX))
        return (uint64_t)n / (uint64_t)divisor;
    return n / divisor;
}

static bool divides(uint128 divisor, uint128 n)
{
    return divide(n, divisor) * divisor == n;
}

static uint128 greatest_divisor(uint128 a, uint128 b)
{
    while (b != 0) {
        uint128 rest = a - divide(a, b) * b;
        a = b;
        b = rest;
    }
    return a;
}

static uint32_t width_of(uint128 largest)
{
    uint32_t width = 0;

    while (width < 16 && largest >> (8 * width) != 0)
        width = width == 0 ? 1 : 2 * width;
    return width;
}

static struct head measure(const int128 *values, int rows)
{
    struct head head = {.low = values[0], .high = values[0]};

    for (int i = 1; i < rows; i++) {
        head.low = values[i] < head.low ? values[i] : head.low;
        head.high = values[i] > head.high ? values[i] : head.high;
    }
    for (int i = 0; i < rows; i++) {
        uint128 distance = (uint128)values[i] - (uint128)head.low;
        if (head.step == 0 || !divides(head.step, distance))
            head.step = greatest_divisor(distance, head.step);
    }
    if (head.step > 0)
        head.width = width_of(divide((uint128)head.high - (uint128)head.low, head.step));
    return head;
}

static void encode_column(const int128 *values, int rows, struct buf *out)
{
    struct head head = measure(values, rows);
    char chunk[512 * 16], *to = chunk;

    buf_add(out, (const char *)&head, sizeof head);
    for (int i = 0; i < rows && head.width > 0; i++) {
        uint128 steps = divide((uint128)values[i] - (uint128)head.low, head.step);
        memcpy(to, &steps, head.width);
        to += head.width;
        if (to > chunk + sizeof chunk - 16 || i == rows - 1) {
            buf_add(out, chunk, (size_t)(to - chunk));
            to = chunk;
        }
    }
}

void history_block_encode(int128 *const values[], int columns, int rows, struct buf *out)
{
    assert(rows > 0 && rows <= HISTORY_BLOCK_ROWS && columns <= HISTORY_COLUMNS_MAX);
    for (int i = 0; i < columns; i++)
        encode_column(values[i], rows, out);
}

/* Decoding */

static bool width_is_known(uint32_t width)
{
    return width <= 16 && (width & (width - 1)) == 0;
}

enum err history_block_decode(const void *bytes, size_t len, int columns, int rows,
                              struct history_block *out, struct fault *why)
{
    const unsigned char *p = bytes, *end = p + len;
    struct head head;

    assert(rows > 0 && columns <= HISTORY_COLUMNS_MAX);
    out->columns = columns;
    out->rows = rows;
    for (int i = 0; i < columns; i++) {
        if ((size_t)(end - p) < sizeof head)
            return fail(why, ERR_CORRUPT, "column %d is cut short", i + 1);
        memcpy(&head, p, sizeof head);
        p += sizeof head;
        if (!width_is_known(head.width) || (size_t)(end - p) < (size_t)rows * head.width)
            return fail(why, ERR_CORRUPT, "the values of column %d are cut short", i + 1);
        out->column[i] = (struct history_packed){
            .low = head.low,
            .high = head.high,
            .step = head.step,
            .width = (int)head.width,
            .data = p,
        };
        p += (size_t)rows * head.width;
    }
    if (p != end)
        return fail(why, ERR_CORRUPT, "bytes follow the last column");
    return OK;
}

static uint128 load_steps(const struct history_packed *column, size_t row)
{
    uint16_t two;
    uint32_t four;
    uint64_t eight;
    uint128 sixteen;

    switch (column->width) {
    case 0:
        return 0;
    case 1:
        return column->data[row];
    case 2:
        memcpy(&two, column->data + 2 * row, 2);
        return two;
    case 4:
        memcpy(&four, column->data + 4 * row, 4);
        return four;
    case 8:
        memcpy(&eight, column->data + 8 * row, 8);
        return eight;
    default:
        memcpy(&sixteen, column->data + 16 * row, 16);
        return sixteen;
    }
}

/* Unsigned, so that nonsense in a file wraps around instead of being undefined. */
static int128 value_at(const struct history_packed *column, int row)
{
    return (int128)((uint128)column->low + column->step * load_steps(column, (size_t)row));
}

int128 history_block_value(const struct history_block *block, int column, int row)
{
    assert(column >= 0 && column < block->columns && row >= 0 && row < block->rows);
    return value_at(&block->column[column], row);
}

void history_block_row(const struct history_block *block, int row,
                       int128 values[HISTORY_COLUMNS_MAX])
{
    assert(row >= 0 && row < block->rows);
    for (int i = 0; i < block->columns; i++)
        values[i] = value_at(&block->column[i], row);
}
