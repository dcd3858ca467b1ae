/* The layers of a convolutional network, channels last: sums of products, and where windows of 3x3 touch, Winograd's
   F(4x4, 3x3), which takes a quarter of them (Lavin and Gray 2016, Fast Algorithms for Convolutional Neural Networks). */
#include <stdlib.h>

#include "_native.h"

/* A product and its sum are rounded once, where the processor can: twice as fast. */
#if defined(__clang__)
#pragma clang fp contract(fast)
#elif defined(__GNUC__)
#pragma GCC optimize("fp-contract=fast")
#endif

enum {
    WIDE = 8,               /* lanes of a vector */
    BLOCK = NETWORK_BLOCK,  /* outputs summed at once, two vectors */
    PIXELS = 6,             /* pixels, or tiles, summed at once */
    OUTER = 6,              /* across a tile with what its windows reach */
    INNER = NETWORK_TILE,   /* across a tile of the output */
    NUMBERS = OUTER * OUTER,
    BESIDE = 2 * WIDE,      /* keeps equal places of tiles apart in the cache, which a power of two would not */
    TILES = 4 * PIXELS,     /* transformed together; their numbers stay in the second-level cache */
};

static const float nothing[NETWORK_DEPTH]; /* the pixels around the picture */

#if defined(__GNUC__)

typedef float Lanes __attribute__((vector_size(32), aligned(4), may_alias));
typedef int32_t Truths __attribute__((vector_size(32)));
#define AT(place) (*(Lanes *)(place))

/* sums[p * apart] = sum over i of rows[p][i] * weights[i], or what is more with `add`. */
INLINE void multiply(const float *const *rows, const float *weights, int64_t depth, float *sums, int64_t apart, int add) {
    Lanes own[PIXELS][2];
#pragma GCC unroll 6
    for (int p = 0; p < PIXELS; p++) own[p][0] = own[p][1] = (Lanes){0};
    for (int64_t i = 0; i < depth; i++, weights += BLOCK) {
        const Lanes low = AT(weights), high = AT(weights + WIDE);
#pragma GCC unroll 6
        for (int p = 0; p < PIXELS; p++) {
            own[p][0] += rows[p][i] * low;
            own[p][1] += rows[p][i] * high;
        }
    }
#pragma GCC unroll 6
    for (int p = 0; p < PIXELS; p++, sums += apart) {
        if (add) own[p][0] += AT(sums), own[p][1] += AT(sums + WIDE);
        AT(sums) = own[p][0], AT(sums + WIDE) = own[p][1];
    }
}

/* One vector of outputs of a pixel: what is added, cut below 0, as many as there are. */
INLINE void finish(const Convolution *c, const Lanes *numbers, int64_t pixel, int64_t first) {
    const int64_t count = c->outputs - first, at = pixel * c->outputs + first;
    Lanes sum = *numbers + AT(c->bias + first);
    if (c->relu) sum = (Lanes)((Truths)sum & (sum > 0));
    if (count >= WIDE) {
        if (c->plus) sum += AT(c->plus + at);
        AT(c->out + at) = sum;
        return;
    }
    for (int64_t i = 0; i < count; i++) c->out[at + i] = c->plus ? sum[i] + c->plus[at + i] : sum[i];
}

INLINE const float *pixel_of(const Convolution *c, int part, int64_t y, int64_t x) {
    if (y < 0 || x < 0 || y >= c->height || x >= c->width) return nothing;
    return c->parts[part] + (y * c->width + x) * c->channels[part];
}

/* ---- sums of products ---- */

INLINE void direct_run(const Convolution *c, int64_t y, int64_t left) {
    const int half = c->side / 2;
    const float *weights = c->weights;
    for (int64_t first = 0; first < c->outputs; first += BLOCK) {
        float sums[PIXELS][BLOCK] = {{0}};
        for (int tap = 0; tap < c->side * c->side; tap++) {
            const int64_t row = y + (tap / c->side - half) * c->dilation;
            const int64_t column = left + (tap % c->side - half) * c->dilation;
            for (int part = 0; part < c->count; part++) {
                const float *rows[PIXELS];
                for (int p = 0; p < PIXELS; p++) rows[p] = pixel_of(c, part, row, column + p);
                multiply(rows, weights, c->channels[part], sums[0], BLOCK, 1);
                weights += BLOCK * c->channels[part];
            }
        }
        for (int p = 0; p < PIXELS && left + p < c->width; p++)
            for (int half_block = 0; half_block < 2 && first + half_block * WIDE < c->outputs; half_block++)
                finish(c, &AT(sums[p] + half_block * WIDE), y * c->width + left + p, first + half_block * WIDE);
    }
}

CLONES int network_direct(const Convolution *c, int64_t top, int64_t bottom) {
    for (int64_t y = top; y < bottom; y++)
        for (int64_t x = 0; x < c->width; x += PIXELS) direct_run(c, y, x);
    return 0;
}

/* ---- Winograd ---- */

/* B^T d of six vectors, `step` apart. */
INLINE void inwards(const Lanes *d, int step, Lanes *out, int apart) {
    const Lanes a = d[0], b = d[step], c = d[2 * step], e = d[3 * step], f = d[4 * step], g = d[5 * step];
    const Lanes even = f - 4 * c, odd = e - 4 * b, near = f - c, far = 2 * (e - b);
    out[0] = 4 * a - 5 * c + f;
    out[apart] = even + odd;
    out[2 * apart] = even - odd;
    out[3 * apart] = near + far;
    out[4 * apart] = near - far;
    out[5 * apart] = 4 * b - 5 * e + g;
}

/* A^T m of six vectors, `step` apart. */
INLINE void outwards(const Lanes *m, int step, Lanes *out, int apart) {
    const Lanes sum = m[step] + m[2 * step], gap = m[step] - m[2 * step];
    const Lanes wide = m[3 * step] + m[4 * step], steep = m[3 * step] - m[4 * step];
    out[0] = m[0] + sum + wide;
    out[apart] = gap + 2 * steep;
    out[2 * apart] = sum + 4 * wide;
    out[3 * apart] = gap + 8 * steep + m[5 * step];
}

/* The numbers of a tile: `inputs` floats for each of 36, which lie `apart`. */
INLINE void read_tile(const Convolution *c, int64_t y, int64_t x, float *numbers, int64_t apart) {
    for (int part = 0; part < c->count; part++) {
        const float *at[NUMBERS];
        for (int i = 0; i < NUMBERS; i++)
            at[i] = pixel_of(c, part, y * INNER - 1 + i / OUTER, x * INNER - 1 + i % OUTER);
        for (int64_t channel = 0; channel < c->channels[part]; channel += WIDE, numbers += WIDE) {
            Lanes d[OUTER], down[NUMBERS], both[NUMBERS];
            for (int i = 0; i < OUTER; i++) {
#pragma GCC unroll 6
                for (int j = 0; j < OUTER; j++) d[j] = AT(at[OUTER * j + i] + channel);
                inwards(d, 1, down + i, OUTER);
            }
            for (int i = 0; i < OUTER; i++) inwards(down + OUTER * i, 1, both + OUTER * i, 1);
            for (int i = 0; i < NUMBERS; i++) AT(numbers + i * apart) = both[i];
        }
    }
}

INLINE void write_tile(const Convolution *c, int64_t y, int64_t x, const float *numbers, int64_t apart) {
    for (int64_t first = 0; first < c->outputs; first += WIDE) {
        Lanes m[NUMBERS], down[INNER * OUTER], both[INNER * INNER];
        for (int i = 0; i < NUMBERS; i++) m[i] = AT(numbers + i * apart + first);
        for (int i = 0; i < OUTER; i++) outwards(m + i, OUTER, down + i, OUTER);
        for (int i = 0; i < INNER; i++) outwards(down + OUTER * i, 1, both + INNER * i, 1);
        for (int i = 0; i < INNER * INNER; i++) {
            const int64_t row = y * INNER + i / INNER, column = x * INNER + i % INNER;
            if (row < c->height && column < c->width) finish(c, &both[i], row * c->width + column, first);
        }
    }
}

CLONES int network_winograd(const Convolution *c, int64_t top, int64_t bottom) {
    const int64_t across = (c->width + INNER - 1) / INNER, last = bottom * across;
    const int64_t blocks = (c->outputs + BLOCK - 1) / BLOCK, wide = blocks * BLOCK;
    int64_t inputs = 0;
    for (int part = 0; part < c->count; part++) inputs += c->channels[part];
    const int64_t in_apart = TILES * inputs + BESIDE, out_apart = TILES * wide + BESIDE;
    float *seen = calloc((size_t)NUMBERS * (in_apart + out_apart), sizeof(float));
    if (!seen) return -1;
    float *sums = seen + NUMBERS * in_apart;
    for (int64_t start = top * across; start < last; start += TILES) {
        const int64_t count = last - start < TILES ? last - start : TILES;
        for (int64_t t = 0; t < count; t++)
            read_tile(c, (start + t) / across, (start + t) % across, seen + t * inputs, in_apart);
        for (int64_t i = 0; i < NUMBERS; i++)
            for (int64_t block = 0; block < blocks; block++)
                for (int64_t t = 0; t < count; t += PIXELS) {
                    const float *rows[PIXELS];
                    for (int p = 0; p < PIXELS; p++) rows[p] = seen + i * in_apart + (t + p) * inputs;
                    multiply(rows, c->weights + (i * blocks + block) * inputs * BLOCK, inputs,
                             sums + i * out_apart + t * wide + block * BLOCK, wide, 0);
                }
        for (int64_t t = 0; t < count; t++)
            write_tile(c, (start + t) / across, (start + t) % across, sums + t * wide, out_apart);
    }
    free(seen);
    return 0;
}

#endif

/* ---- layers without weights ---- */

CLONES void network_pool(const Layer *l, int64_t top, int64_t bottom) {
    for (int64_t y = top; y < bottom; y++)
        for (int64_t x = 0; x < l->out_width; x++) {
            const int64_t below = 2 * y + 1 < l->height ? l->width : 0, beside = 2 * x + 1 < l->width ? 1 : 0;
            const float *a = l->in + (2 * y * l->width + 2 * x) * l->channels, *b = a + beside * l->channels;
            const float *d = a + below * l->channels, *e = b + below * l->channels;
            float *out = l->out + (y * l->out_width + x) * l->channels;
            for (int64_t i = 0; i < l->channels; i++) {
                const float upper = a[i] > b[i] ? a[i] : b[i], lower = d[i] > e[i] ? d[i] : e[i];
                out[i] = upper > lower ? upper : lower;
            }
        }
}

typedef struct {
    int64_t before, after;
    float share; /* of what is after */
} Between;

/* Where the middle of pixel `at` of `length` lies between those of `given` pixels. */
INLINE Between between(int64_t at, int64_t length, int64_t given) {
    float place = ((float)at + 0.5f) * ((float)given / (float)length) - 0.5f;
    if (place < 0) place = 0;
    const int64_t before = (int64_t)place < given - 1 ? (int64_t)place : given - 1;
    return (Between){before, before + 1 < given ? before + 1 : before, place - (float)before};
}

CLONES void network_resize(const Layer *l, int64_t top, int64_t bottom) {
    for (int64_t y = top; y < bottom; y++) {
        const Between rows = between(y, l->out_height, l->height);
        for (int64_t x = 0; x < l->out_width; x++) {
            const Between columns = between(x, l->out_width, l->width);
            const float *above = l->in + rows.before * l->width * l->channels;
            const float *under = l->in + rows.after * l->width * l->channels;
            const int64_t a = columns.before * l->channels, b = columns.after * l->channels;
            float *out = l->out + (y * l->out_width + x) * l->channels;
            for (int64_t i = 0; i < l->channels; i++) {
                const float upper = above[a + i] + columns.share * (above[b + i] - above[a + i]);
                const float lower = under[a + i] + columns.share * (under[b + i] - under[a + i]);
                out[i] = upper + rows.share * (lower - upper);
            }
        }
    }
}

/* Whether this processor rounds a product and its sum once: where it does not, others are as fast. */
int network_pays(void) {
#if !defined(__GNUC__)
    return 0;
#elif defined(__FMA__) || defined(__aarch64__) || defined(__SANITIZE_ADDRESS__)
    return 1;
#elif HAS_CLONES
    __builtin_cpu_init();
    return __builtin_cpu_supports("x86-64-v3") != 0;
#else
    return 0;
#endif
}
