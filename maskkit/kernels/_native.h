/* What the kernel files share. None of them but _native.c knows Python; they get pointers that _native.c
   has checked, one row at a time or a whole band. */
#ifndef MASKKIT_NATIVE_H
#define MASKKIT_NATIVE_H

#include <stddef.h>
#include <stdint.h>

#if defined(__BYTE_ORDER__) && __BYTE_ORDER__ != __ORDER_LITTLE_ENDIAN__
#error "pixels are read as little-endian words; the NumPy path serves this machine"
#endif

/* One object file holds a version of each hot function for every level of x86-64, and the loader picks.
   Sanitizers run before the loader's choice can, so their builds are plain. */
#if defined(__has_attribute)
#if __has_attribute(target_clones) && defined(__x86_64__) && defined(__GLIBC__) && \
    !defined(__SANITIZE_ADDRESS__) && !defined(MASKKIT_PLAIN)
#define CLONES __attribute__((target_clones("arch=x86-64-v4", "arch=x86-64-v3", "default")))
#define HAS_CLONES 1
#endif
#endif
#ifndef CLONES
#define CLONES
#define HAS_CLONES 0
#endif

#if defined(__GNUC__)
#define MAY_ALIAS __attribute__((may_alias))
#else
#define MAY_ALIAS
#endif

/* MSVC's own C has no restrict. Every system header is included before this one, so none meets the name. */
#if defined(_MSC_VER) && !defined(__clang__)
#define restrict __restrict
#endif

/* Vectors by the compiler's own name for them. */
#if defined(__has_builtin)
#if __has_builtin(__builtin_shufflevector)
#define SHUFFLES
#endif
#endif

/* Helpers must melt into each version of their caller, or they would stay at the baseline's level. */
#if defined(__GNUC__)
#define INLINE static inline __attribute__((always_inline))
#else
#define INLINE static inline
#endif

/* round(x / TOP) for x <= TOP * TOP. TOP is odd, so there are no halves. */
INLINE uint16_t over_top_u8(uint16_t x) {
    uint16_t t = (uint16_t)(x + 128);
    return (uint16_t)(t + (t >> 8)) >> 8;
}

INLINE uint32_t over_top_u16(uint32_t x) {
    uint32_t t = x + 32768;
    return (t + (t >> 16)) >> 16;
}

enum { PIECE = 1024 }; /* pixels whose scratch stays in the first-level cache */

/* The blend modes, by the names of blend.py's formulas; 0 is normal. */
#define MODES(X)                                                                                       \
    X(normal) X(multiply) X(screen) X(overlay) X(darken) X(lighten) X(color_dodge) X(color_burn)       \
    X(hard_light) X(soft_light) X(difference) X(exclusion) X(add) X(subtract) X(divide) X(linear_burn) \
    X(linear_light) X(vivid_light) X(pin_light) X(hard_mix) X(hue) X(saturation) X(color) X(luminosity)
enum {
#define NUMBERED(name) MODE_##name,
    MODES(NUMBERED)
#undef NUMBERED
};
extern const char *const mode_names[];

/* sRGB: light[value], guesses[bin of light] = the value at the bin's start, steps[value] = the light from which
   value + 1 is nearer (infinite for white); no bin holds two steps, and one more than `bins` is there. */
typedef struct {
    const double *light, *steps;
    const void *guesses;
    double bins;
    int item; /* bytes of a value */
} LightTables;

/* The same for a mixture of two bytes by a third, in whole numbers: light in units of 2^-56, and for every bin
   of the mixture the sum from which the next value is nearer, whose lowest byte is the value. */
typedef struct {
    uint64_t light[256], entry[4096];
} LightBins;

/* _modes.c: onto the words b of the backdrop, with product / unit the mask times alpha times opacity, or
   where product is NULL the cover. */
void mode_run_u8(int mode, const uint32_t *s, uint32_t *b, const uint8_t *cover, const double *product, double unit,
                 size_t n);
void mode_run_u16(int mode, const uint64_t *s, uint64_t *b, const uint16_t *cover, const uint64_t *product,
                  double unit, size_t n);
void light_run_u8(const LightTables *, const uint32_t *s, uint32_t *b, const double *product, double unit, size_t n);
void light_run_u16(const LightTables *, const uint64_t *s, uint64_t *b, const uint64_t *product, double unit, size_t n);
void lookup_row_u8(const uint8_t *table, const uint8_t *source, const uint8_t *backdrop, uint8_t *out, size_t n);
void light_bins(const LightTables *tables, LightBins *bins);
void light_rgb_u8(const LightBins *bins, const uint8_t *source, const uint8_t *backdrop, const uint8_t *mask,
                  uint8_t *out, size_t n);

/* _compose.c; `mask` may be NULL, channels are 3 or 4, `out` has the backdrop's. The opacity is the fraction
   part / whole, 0 < part <= whole <= 65536; at 16 bits, in mode 0, it must be 1 / 1. `light` is NULL unless
   mode 0 is to mix in linear light; `bins` speeds that up for bytes. */
typedef struct {
    const void *source, *backdrop, *mask;
    void *out;
    int source_channels, backdrop_channels;
    uint32_t part, whole;
    int mode;
    const LightTables *light;
    const LightBins *bins;
} OverRow;

void over_row_u8(const OverRow *row, size_t width);
void over_row_u16(const OverRow *row, size_t width);
void apply_row_u8(const void *image, int channels, const void *mask, int replace, void *out, size_t width);
void apply_row_u16(const void *image, int channels, const void *mask, int replace, void *out, size_t width);
void premultiply_row_u8(const void *image, void *out, size_t width);
void premultiply_row_u16(const void *image, void *out, size_t width);
void unpremultiply_row_u8(const void *image, void *out, size_t width);
void unpremultiply_row_u16(const void *image, void *out, size_t width);

/* _fine.c: the same with a float mask; `item` is the bytes of a channel. */
void over_fine_row(const OverRow *row, const float *mask, int item, size_t width);
void apply_fine_row(const void *image, int channels, const float *mask, int replace, void *out, int item, size_t n);

/* _filters.c */
typedef struct {
    char *data;
    ptrdiff_t stride; /* bytes between rows */
    int64_t height, width;
    char kind; /* 'B', 'H' or 'f' */
} Plane;

enum { CELLS = 16, BLOCKS = CELLS * CELLS }; /* pixels across a cell, and across a block of cells */

/* Extremes of the mask by squares. */
typedef struct {
    const void *lows, *highs;
    int64_t side, across; /* pixels across one, and how many to a row */
} Cells;

/* A row of the disc: half its width, and two runs of 2^level items that cover it, as offsets from the first run on. */
typedef struct {
    int64_t half, level, left, right;
} Chord;

typedef struct {
    const char *mask;
    ptrdiff_t stride;
    int64_t height, width;
    Cells cells[2]; /* cells and blocks */
    int erode;
    Chord *chords;  /* by row: radius + 2 */
    void *scratch; /* (256 + 2 radius + 2) items for every power of two up to the chord */
} Disc;

void extremes_u8(const uint8_t *mask, ptrdiff_t stride, size_t height, size_t width, uint8_t *low, uint8_t *high);
void extremes_u16(const uint16_t *mask, ptrdiff_t stride, size_t height, size_t width, uint16_t *low, uint16_t *high);
void extremes_f32(const float *mask, ptrdiff_t stride, size_t height, size_t width, float *low, float *high);
/* Offsets (y, x) beyond a disc, none farther than `reach`, and their weights: float, or double for 16 bits. */
typedef struct {
    const char *mask;
    ptrdiff_t stride;
    int64_t height, width, reach, count;
    const int32_t *offsets;
    const void *weights;
    int64_t *steps;       /* the offsets as bytes */
    const void *highs;    /* of the mask's cells, `down` rows of `across` */
    int64_t down, across, groups;
    const int32_t *cells; /* what offsets are in whole cells, of each group that shares that */
    const int32_t *group; /* of each offset */
    uint8_t *telling;     /* of each group: whether it is looked at */
    int32_t *picks;       /* numbers of the offsets that are looked at, and one more */
    int64_t *leads;       /* their steps */
} Ring;
void ring_u8(const Ring *, int64_t top, int64_t bottom, const char *far, ptrdiff_t apart, double least, char *out,
            ptrdiff_t stride);
void ring_u16(const Ring *, int64_t top, int64_t bottom, const char *far, ptrdiff_t apart, double least, char *out,
            ptrdiff_t stride);
void ring_f32(const Ring *, int64_t top, int64_t bottom, const char *far, ptrdiff_t apart, double least, char *out,
            ptrdiff_t stride);

/* RGBA over one colour as far as `line` covers; where it covers nothing a pixel stays as it is. */
void under_row_u8(const uint8_t *cutout, const uint8_t *line, const uint8_t *colour, uint8_t *out, size_t n);

void disc_u8(const Disc *, int64_t top, int64_t bottom, int64_t radius, uint32_t part, char *out, ptrdiff_t stride);
void disc_u16(const Disc *, int64_t top, int64_t bottom, int64_t radius, uint32_t part, char *out, ptrdiff_t stride);
void disc_f32(const Disc *, int64_t top, int64_t bottom, int64_t radius, uint32_t part, char *out, ptrdiff_t stride);
void reduce_row(const Plane *mask, int64_t square, int64_t factor, float *sums, float *small, int64_t count);
void lift_rows(const Plane *small, int64_t factor, const Plane *out, int64_t top, int64_t bottom, float *wide);

/* _foreground.c: a level, and the layers of the one of half its size. */
enum { FOREGROUND_TILE = 64 };

typedef struct {
    const uint16_t *coarse;
    int64_t height, width, rounds; /* of coarse; of relaxation */
    int channels;                  /* of the image, 3 or 4 */
    Plane image, alpha;
} Level;

int relax_rows(const Level *level, uint16_t *layers, int64_t top, int64_t bottom);
int finish_rows(const Level *level, float amount, const Plane *out, int64_t top, int64_t bottom);

/* _matting.c: tiles of 8 x 8 pixels, kept one after the other; `near` has nine numbers of tiles for each. */
enum { MATTING_TILE = 8, MATTING_STEPS = 25 };

typedef struct {
    const float *stencil, *field, *right, *share;
    const int32_t *near;
    float *out;
    int keep;
} Step;

typedef struct {
    const float *matrix, *inverse, *right;
    float *field, *out;
    int64_t height, width;
} Nodes;

/* Unknown pixels are 0 in `known`, the subject's 1, the backdrop's 2. */
#define SAMPLING_NOISE 0.03f
typedef struct {
    const float *colour, *means; /* (height, width, 3) */
    const uint8_t *known;
    float *alpha, *trust;
    int64_t height, width;
} Sampling;

void matting_sample(const Sampling *sampling, int32_t *scratch);
void matting_stencil(const Plane *image, int channels, const int32_t *corners, double eps, float *stencil,
                     int64_t first, int64_t last);
void matting_step(const Step *step, int64_t first, int64_t last);
void matting_project(const float *stencil, const int32_t *near, const float *basis, float *blocks, int64_t first,
                     int64_t last);
void matting_collect(const float *basis, const float *field, float *parts, int64_t first, int64_t last);
void matting_spread(const float *basis, const float *parts, float *field, int64_t first, int64_t last);
void matting_coarser(const float *matrix, int64_t height, int64_t width, float *out);
void matting_nodes(const Nodes *nodes, int backwards);

/* _lines.c: planes (height, width, planes) of a coarse grid, which stretches over a picture of rows x columns; the
   pixels asked for begin at its top and left. */
typedef struct {
    const float *field;
    int64_t height, width, rows, columns, top, left;
    int planes;
} Grid;

int lines_rows(const Grid *grid, const Plane *image, const Plane *out);  /* of 4 planes */
int fuse_rows(const Grid *grids, const Plane *image, const Plane *out); /* of 4 and of 11 */
int bound_rows(const Grid *grid, const Plane *image, const Plane *out); /* of 7 */

/* _network.c: layers of (height, width, channels) floats. Inputs are given in parts, one after the other. */
enum { NETWORK_BLOCK = 16, NETWORK_TILE = 4, NETWORK_PARTS = 8, NETWORK_DEPTH = 4096 };

typedef struct {
    const float *parts[NETWORK_PARTS], *weights, *bias, *plus;
    int64_t channels[NETWORK_PARTS], height, width, outputs;
    float *out;
    int count, side, dilation, relu; /* parts; the window's side, 1 or 3 */
} Convolution;

typedef struct {
    const float *in;
    float *out;
    int64_t height, width, channels, out_height, out_width;
} Layer;

int network_pays(void);
int network_direct(const Convolution *c, int64_t top, int64_t bottom);
int network_winograd(const Convolution *c, int64_t top, int64_t bottom); /* rows of tiles */
void network_weigh(const float *windows, float *numbers, int64_t n); /* (9, n) to (36, n), n in blocks */
void network_pool(const Layer *l, int64_t top, int64_t bottom);
void network_resize(const Layer *l, int64_t top, int64_t bottom);

/* _png.c: bytes, not pixels; `step` is the bytes of a pixel. png_deflate needs room for png_deflate_room(n). */
void png_filter_row(int kind, const uint8_t *row, const uint8_t *above, size_t step, uint8_t *out, size_t n);
void png_unfilter_row(int kind, const uint8_t *in, const uint8_t *above, size_t step, uint8_t *out, size_t n);
void swap_row(uint8_t *bytes, size_t n);
void sum_row(const uint16_t *in, size_t step, int swap, uint16_t *out, size_t n); /* step: samples of a pixel */
size_t png_bits(const uint8_t *in, size_t n);
size_t png_deflate_room(size_t n);
size_t png_deflate(const uint8_t *in, size_t n, uint8_t *out);

#endif
