#include "base/text.h"

#include <ctype.h>
#include <string.h>

enum { LONGEST = 64 };

static int least(int a, int b, int c)
{
    int ab = a < b ? a : b;

    return ab < c ? ab : c;
}

static int letter(const char *word, int index)
{
    return tolower((unsigned char)word[index]);
}

/* Damerau's distance with adjacent swaps, three rows of the usual table. */
int text_distance(const char *a, const char *b)
{
    int rows[3][LONGEST + 1];
    int len_a = (int)strlen(a), len_b = (int)strlen(b);

    if (len_a > LONGEST || len_b > LONGEST)
        return LONGEST;
    for (int j = 0; j <= len_b; j++)
        rows[0][j] = j;
    for (int i = 1; i <= len_a; i++) {
        int *now = rows[i % 3], *above = rows[(i + 2) % 3], *before = rows[(i + 1) % 3];
        now[0] = i;
        for (int j = 1; j <= len_b; j++) {
            int differs = letter(a, i - 1) != letter(b, j - 1);
            now[j] = least(above[j] + 1, now[j - 1] + 1, above[j - 1] + differs);
            if (i > 1 && j > 1 && letter(a, i - 1) == letter(b, j - 2) &&
                letter(a, i - 2) == letter(b, j - 1) && before[j - 2] + 1 < now[j])
                now[j] = before[j - 2] + 1;
        }
    }
    return rows[len_a % 3][len_b];
}

const char *text_nearest(const char *word, const char *const words[], int count)
{
    int best = (int)strlen(word) / 3 + 1;
    const char *found = NULL;

    for (int i = 0; i < count; i++) {
        int distance = text_distance(word, words[i]);
        if (distance < best || (distance == best && !found)) {
            best = distance;
            found = words[i];
        }
    }
    return found;
}
