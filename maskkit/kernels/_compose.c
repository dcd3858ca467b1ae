/* Normal compositing: over, by mask, as alpha. Real masks are 0 or white in 95% of their pixels, so runs of
   those are copied and the arithmetic is left to the rest. */
#include <string.h>

#include "_native.h"

enum { NONE, ALL, MIXED };
enum { CELL = 32 };

/* With ws = 255 a and wb = ab (255 - a): alpha = (ws + wb) / 255, colour = (ws Cs + wb Cb) / (ws + wb), and
   the backdrop's where both are 0. The numerator is below 2^24 and so exact in a float; its quotient lies at
   least 1/65025 below the next whole number or on it, which is more than a float's rounding near 255. */
INLINE void mix_u8(const uint32_t *s, uint32_t *b, const uint8_t *cover, size_t n) {
    for (size_t i = 0; i < n; i++) {
        int32_t a = cover[i], ws = 255 * a, wb = (int32_t)(b[i] >> 24) * (255 - a), total = ws + wb;
        int32_t nothing = total == 0;
        wb += nothing;
        float divisor = (float)(total + nothing);
        int32_t half = total >> 1, t = total + 128;
        uint32_t result = (uint32_t)((t + (t >> 8)) >> 8) << 24;
        for (int c = 0; c < 24; c += 8) {
            int32_t sum = ws * (int32_t)(s[i] >> c & 255) + wb * (int32_t)(b[i] >> c & 255) + half;
            result |= (uint32_t)(int32_t)((float)sum / divisor) << c;
        }
        b[i] = result;
    }
}

/* The same with the cover N / D, D = 255 * 255 * the opacity's denominator: numerators stay below 2^49 and
   quotients keep 1 / 2^41 from whole numbers, so doubles are exact throughout. */
INLINE void mix_product_u8(const uint32_t *s, uint32_t *b, const double *product, double unit, size_t n) {
    for (size_t i = 0; i < n; i++) {
        double ws = 255 * product[i], wb = (int32_t)(b[i] >> 24) * (unit - product[i]), total = ws + wb;
        double nothing = total == 0 ? 1 : 0;
        wb += nothing;
        uint32_t result = (uint32_t)(int32_t)((total + 0.5 * unit) / unit) << 24;
        for (int c = 0; c < 24; c += 8) {
            double sum = ws * (int32_t)(s[i] >> c & 255) + wb * (int32_t)(b[i] >> c & 255) + 0.5 * total;
            result |= (uint32_t)(int32_t)(sum / (total + nothing)) << c;
        }
        b[i] = result;
    }
}

/* ws and wb are below 2^32, numerators below 2^49: exact in a double, as are the quotients' floors. */
INLINE void mix_u16(const uint64_t *s, uint64_t *b, const uint16_t *cover, size_t n) {
    for (size_t i = 0; i < n; i++) {
        uint64_t a = cover[i], ws = 65535 * a, wb = (b[i] >> 48) * (65535 - a), total = ws + wb;
        uint64_t nothing = total == 0;
        wb += nothing;
        double divisor = (double)(int64_t)(total + nothing);
        uint64_t result = (total + 32767) / 65535 << 48;
        for (int c = 0; c < 48; c += 16) {
            uint64_t sum = ws * (s[i] >> c & 65535) + wb * (b[i] >> c & 65535) + (total >> 1);
            result |= (uint64_t)((double)(int64_t)sum / divisor) << c;
        }
        b[i] = result;
    }
}

/* Mask times alpha at 16 bits: numerators reach 65535^4 + 65535^3 / 2, which is just below 2^64. */
INLINE void mix_product_u16(const uint64_t *s, uint64_t *b, const uint64_t *product, uint64_t unit, size_t n) {
    for (size_t i = 0; i < n; i++) {
        uint64_t ws = 65535 * product[i], wb = (b[i] >> 48) * (unit - product[i]), total = ws + wb;
        uint64_t nothing = total == 0;
        wb += nothing;
        uint64_t result = (total + unit / 2) / unit << 48;
        for (int c = 0; c < 48; c += 16) {
            uint64_t sum = ws * (s[i] >> c & 65535) + wb * (b[i] >> c & 65535) + (total >> 1);
            result |= sum / (total + nothing) << c;
        }
        b[i] = result;
    }
}

/* Three bytes and a cover (white where there is none) to four and back, sixteen pixels at a time, every vector
   one shuffle; how many were done. Four pixels are read as 16 bytes, so the last ones are left to plain loops. */
#ifdef SHUFFLES
typedef uint8_t Vector __attribute__((vector_size(16)));
#define JOIN(q)                                                                                                   \
    memcpy(&rgb, colour + 3 * i + 12 * q, 16);                                                                    \
    rgb = __builtin_shufflevector(rgb, alpha, 0, 1, 2, 16 + 4 * q, 3, 4, 5, 17 + 4 * q, 6, 7, 8, 18 + 4 * q, 9, 10, \
                                  11, 19 + 4 * q);                                                                \
    memcpy(to + 4 * i + 16 * q, &rgb, 16);

INLINE size_t join_u8(const uint8_t *colour, const uint8_t *cover, uint8_t *to, size_t n) {
    size_t i = 0;
    for (; i + 18 <= n; i += 16) {
        Vector rgb, alpha = (Vector){0} == 0;
        if (cover) memcpy(&alpha, cover + i, 16);
        JOIN(0) JOIN(1) JOIN(2) JOIN(3)
    }
    return i;
}

INLINE size_t drop_u8(const uint8_t *rgba, uint8_t *to, size_t n) {
    size_t i = 0;
    for (; i + 16 <= n; i += 16) {
        Vector v[4], rgb[3];
        memcpy(v, rgba + 4 * i, 64);
        rgb[0] = __builtin_shufflevector(v[0], v[1], 0, 1, 2, 4, 5, 6, 8, 9, 10, 12, 13, 14, 16, 17, 18, 20);
        rgb[1] = __builtin_shufflevector(v[1], v[2], 5, 6, 8, 9, 10, 12, 13, 14, 16, 17, 18, 20, 21, 22, 24, 25);
        rgb[2] = __builtin_shufflevector(v[2], v[3], 10, 12, 13, 14, 16, 17, 18, 20, 21, 22, 24, 25, 26, 28, 29, 30);
        memcpy(to + 3 * i, rgb, 48);
    }
    return i;
}
#endif

#define T uint8_t
#define PIXEL uint32_t
#define PRODUCT double
#define BITS 8
#define TOP 255
#define WIDE uint16_t
#define NAME(x) x##_u8
#define LIGHT_RGB(row) ((row)->bins && (row)->source_channels == 3 && (row)->backdrop_channels == 3)
#include "_compose.inc"
#undef T
#undef PIXEL
#undef PRODUCT
#undef BITS
#undef TOP
#undef WIDE
#undef NAME
#undef LIGHT_RGB

#define T uint16_t
#define PIXEL uint64_t
#define PRODUCT uint64_t
#define BITS 16
#define TOP 65535
#define WIDE uint32_t
#define NAME(x) x##_u16
#define LIGHT_RGB(row) 0
#include "_compose.inc"

/* round(c TOP / a), at most TOP; 0 where alpha is. The quotients keep 1 / a from whole numbers as above. */
CLONES void unpremultiply_row_u8(const void *image, void *out, size_t width) {
    const uint8_t *from = image;
    uint8_t *to = out;
    for (size_t i = 0; i < width; i++) {
        uint32_t pixel, result;
        memcpy(&pixel, from + 4 * i, 4);
        int32_t alpha = (int32_t)(pixel >> 24), divisor = alpha + (alpha == 0);
        result = (uint32_t)alpha << 24;
        for (int c = 0; c < 24; c += 8) {
            int32_t premultiplied = (int32_t)(pixel >> c & 255);
            premultiplied = premultiplied < alpha ? premultiplied : alpha;
            int32_t sum = 255 * premultiplied + (alpha >> 1);
            result |= (uint32_t)(int32_t)((float)sum / (float)divisor) << c;
        }
        memcpy(to + 4 * i, &result, 4);
    }
}

CLONES void unpremultiply_row_u16(const void *image, void *out, size_t width) {
    const uint16_t *from = image;
    uint16_t *to = out;
    for (size_t i = 0; i < width; i++) {
        uint64_t pixel, result;
        memcpy(&pixel, from + 4 * i, 8);
        uint32_t alpha = (uint32_t)(pixel >> 48), divisor = alpha + (alpha == 0);
        result = (uint64_t)alpha << 48;
        for (int c = 0; c < 48; c += 16) {
            uint32_t premultiplied = (uint32_t)(pixel >> c & 65535);
            premultiplied = premultiplied < alpha ? premultiplied : alpha;
            double sum = 65535.0 * premultiplied + (alpha >> 1);
            result |= (uint64_t)(uint32_t)(sum / divisor) << c;
        }
        memcpy(to + 4 * i, &result, 8);
    }
}

enum { UNDER = 128 }; /* pixels, of which often none has a line under it */

/* One colour under n straight pixels. The sums stay below 2^24, where floats are whole numbers, and no quotient lies
   closer below a whole number than a float can tell. */
CLONES static void under_pixels(const uint8_t *cutout, const uint8_t *line, const uint32_t colour[3], uint8_t *out,
                                size_t n) {
    for (size_t i = 0; i < n; i++) {
        uint32_t pixel;
        memcpy(&pixel, cutout + 4 * i, 4);
        const uint32_t a = pixel >> 24, below = line[i] * (255 - a), whole = 255 * a + below, up = whole + 128;
        const float divisor = (float)(int32_t)(whole + !whole);
        uint32_t result = (up + (up >> 8)) >> 8 << 24;
        for (int c = 0; c < 3; c++) {
            const uint32_t sum = 255 * a * (pixel >> 8 * c & 255) + below * colour[c] + whole / 2;
            result |= (uint32_t)(int32_t)((float)(int32_t)sum / divisor) << 8 * c;
        }
        result = below ? result : pixel;
        memcpy(out + 4 * i, &result, 4);
    }
}

void under_row_u8(const uint8_t *cutout, const uint8_t *line, const uint8_t *colour, uint8_t *out, size_t n) {
    const uint32_t wide[3] = {colour[0], colour[1], colour[2]};
    for (size_t from = 0; from < n; from += UNDER) {
        const size_t count = n - from < UNDER ? n - from : UNDER;
        uint8_t any = 0;
        for (size_t i = 0; i < count; i++) any |= line[from + i];
        if (any) under_pixels(cutout + 4 * from, line + from, wide, out + 4 * from, count);
        else memcpy(out + 4 * from, cutout + 4 * from, 4 * count);
    }
}
