/* Seeded random numbers (xoshiro256**, Blackman and Vigna 2018), in named
 * streams: what one part of a simulation draws never shifts another's. */
#ifndef BASE_RNG_H
#define BASE_RNG_H

#include <stdbool.h>
#include <stdint.h>

struct rng {
    uint64_t state[4];
};

/* The stream of this name under this seed. */
struct rng rng_stream(uint64_t seed, const char *name);

uint64_t rng_next(struct rng *rng);
uint64_t rng_below(struct rng *rng, uint64_t bound); /* 0..bound-1, unbiased; bound > 0 */
int64_t rng_between(struct rng *rng, int64_t low, int64_t high); /* both inclusive */
double rng_unit(struct rng *rng);                                /* [0,1), 53 bits */
bool rng_chance(struct rng *rng, double probability);
/* Mean 0, deviation 1: the sum of twelve uniforms less six. No libm, so equal on every machine.
 */
double rng_normal(struct rng *rng);

#endif
