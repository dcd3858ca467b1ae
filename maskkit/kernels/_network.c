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
    BLOCK = NETWORK_BLOCK, /* outputs summed at once */
    OUTER = 6,             /* across a tile with what its windows reach */
    INNER = NETWORK_TILE,  /* across a tile of the output */
    NUMBERS = OUTER * OUTER,
};

static const float nothing[NETWORK_DEPTH]; /* the pixels around the picture */

#if defined(__GNUC__)

#if HAS_CLONES
#define WIDER __attribute__((target("arch=x86-64-v4")))
#else
#define WIDER
#endif

typedef float Lanes8 __attribute__((vector_size(32), aligned(4), may_alias));
typedef int32_t Truths8 __attribute__((vector_size(32)));
typedef float Lanes16 __attribute__((vector_size(64), aligned(4), may_alias));
typedef int32_t Truths16 __attribute__((vector_size(64)));
#define AT(place) (*(LANES *)(place))
#define VECTORS (BLOCK / WIDE)
#define TILES (24 / PIXELS * PIXELS) /* transformed together; their numbers stay in the second-level cache */
#define BESIDE 48 /* keeps equal places of tiles apart in the cache, which a power of two would not */

INLINE const float *pixel_of(const Convolution *c, int part, int64_t y, int64_t x) {
    if (y < 0 || x < 0 || y >= c->height || x >= c->width) return nothing;
    return c->parts[part] + (y * c->width + x) * c->channels[part];
}

#define WIDE 8
#define LANES Lanes8
#define TRUTHS Truths8
#define PIXELS 6
#define VERSIONS CLONES
#define NAME(x) x##_8
#include "_network.inc"
#undef WIDE
#undef LANES
#undef TRUTHS
#undef PIXELS
#undef VERSIONS
#undef NAME

#define WIDE 16
#define LANES Lanes16
#define TRUTHS Truths16
#define PIXELS 12
#define VERSIONS WIDER
#define NAME(x) x##_16
#include "_network.inc"

/* Whether a register holds sixteen floats. Sanitizers, which see no versions, take all that comes in sixteens so. */
static int sixteen(void) {
#if HAS_CLONES
    __builtin_cpu_init();
    return __builtin_cpu_supports("x86-64-v4") != 0;
#elif defined(__AVX512F__) || defined(__SANITIZE_ADDRESS__)
    return 1;
#else
    return 0;
#endif
}

int network_direct(const Convolution *c, int64_t top, int64_t bottom) {
    return sixteen() ? network_direct_16(c, top, bottom) : network_direct_8(c, top, bottom);
}

int network_winograd(const Convolution *c, int64_t top, int64_t bottom) {
    int whole = sixteen();
    for (int part = 0; part < c->count; part++) whole &= c->channels[part] % 16 == 0;
    return whole ? network_winograd_16(c, top, bottom) : network_winograd_8(c, top, bottom);
}

void network_weigh(const float *windows, float *numbers, int64_t n) {
    if (sixteen())
        network_weigh_16(windows, numbers, n);
    else
        network_weigh_8(windows, numbers, n);
}

#else /* no vectors: `network_pays` says so, and nobody calls these */

int network_direct(const Convolution *c, int64_t top, int64_t bottom) { return (void)c, (void)top, (void)bottom, -1; }
int network_winograd(const Convolution *c, int64_t top, int64_t bottom) { return network_direct(c, top, bottom); }
void network_weigh(const float *windows, float *numbers, int64_t n) { (void)windows, (void)numbers, (void)n; }

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
