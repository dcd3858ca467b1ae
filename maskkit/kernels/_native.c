/* What Python sees of the compiled kernels: arguments are checked here, the GIL is released, rows are walked.

   The stable ABI of Python 3.11 and the buffer protocol are all it needs, so one build serves every later
   Python and any NumPy. The caller has raised the friendly errors already; what is refused here would be a
   mistake in maskkit itself, or memory about to be corrupted. */
#define Py_LIMITED_API 0x030B0000
#define PY_SSIZE_T_CLEAN
#include <Python.h>
#include <stdlib.h>
#include <string.h>

#include "_native.h"

/* A band: rows of packed pixels, any distance between rows. */
typedef struct {
    Py_buffer buffer;
    const char *name;
    char *data;
    Py_ssize_t height, width, stride;
    int channels, item;
    char kind; /* 'B', 'H' or 'f' */
    int open;
} Band;

enum { MASK = 1, RGB = 2, RGBA = 4, OUTPUT = 8, OPTIONAL = 16, FINE = 32 /* float32 whatever the output is */ };

static int refuse(const Band *band, const char *what) {
    PyErr_Format(PyExc_ValueError, "%s: %s", band->name, what);
    return -1;
}

static char format_of(const Py_buffer *buffer) {
    const char *format = buffer->format ? buffer->format : "B";
    if (*format == '@' || *format == '=') format++;
    return format[0] && !format[1] ? format[0] : 0;
}

static int check_layout(Band *band, int accepts) {
    const Py_buffer *b = &band->buffer;
    band->kind = format_of(b);
    band->item = band->kind == 'B' ? 1 : band->kind == 'H' ? 2 : band->kind == 'f' ? 4 : 0;
    if (!band->item || b->itemsize != band->item) return refuse(band, "need uint8, uint16 or float32");
    if (b->ndim != 2 && b->ndim != 3) return refuse(band, "need two or three dimensions");
    band->data = b->buf;
    band->height = b->shape[0], band->width = b->shape[1], band->stride = b->strides[0];
    Py_ssize_t channels = b->ndim == 3 ? b->shape[2] : 1;
    int fits = b->ndim == 2 ? accepts & MASK : (channels == 3 && accepts & RGB) || (channels == 4 && accepts & RGBA);
    if (!fits) return refuse(band, "wrong number of channels");
    band->channels = (int)channels;
    Py_ssize_t pixel = band->item * channels;
    if (b->ndim == 3 && b->strides[2] != band->item) return refuse(band, "channels must be packed");
    if (band->width > 1 && b->strides[1] != pixel) return refuse(band, "pixels must be packed");
    if ((uintptr_t)band->data % band->item || (band->height > 1 && band->stride % band->item))
        return refuse(band, "must be aligned to its items");
    if (accepts & OUTPUT && band->height > 1 && llabs(band->stride) < band->width * pixel)
        return refuse(band, "rows overlap");
    return 0;
}

static int open_band(Band *band, PyObject *object, const char *name, int accepts) {
    band->name = name;
    if (accepts & OPTIONAL && object == Py_None) return 0;
    int flags = PyBUF_STRIDES | PyBUF_FORMAT | (accepts & OUTPUT ? PyBUF_WRITABLE : 0);
    if (PyObject_GetBuffer(object, &band->buffer, flags)) return -1;
    band->open = 1;
    return check_layout(band, accepts);
}

static void extent(const Band *band, uintptr_t *low, uintptr_t *high) {
    uintptr_t first = (uintptr_t)band->data, last = first + (band->height - 1) * band->stride;
    *low = first < last ? first : last;
    *high = (first < last ? last : first) + band->width * band->channels * band->item;
}

static int overlap(const Band *a, const Band *b) {
    uintptr_t a_low, a_high, b_low, b_high;
    if (!a->open || !b->open || !a->height || !b->height || !a->width || !b->width) return 0;
    extent(a, &a_low, &a_high), extent(b, &b_low, &b_high);
    return a_low < b_high && b_low < a_high;
}

static void close_bands(Band *bands, int count) {
    for (int i = 0; i < count; i++)
        if (bands[i].open) PyBuffer_Release(&bands[i].buffer);
}

/* Opens `count` bands, the output last: one size, one dtype, no input under the output. */
static int open_bands(Band *bands, PyObject *const *args, const char *const *names, const int *accepts, int count) {
    Band *out = &bands[count - 1];
    memset(bands, 0, count * sizeof *bands);
    for (int i = 0; i < count; i++)
        if (open_band(&bands[i], args[i], names[i], accepts[i])) goto fail;
    for (int i = 0; i < count - 1; i++) {
        if (!bands[i].open) continue;
        if (bands[i].height != out->height || bands[i].width != out->width) {
            refuse(&bands[i], "is not of the output's size");
            goto fail;
        }
        if (bands[i].kind != (accepts[i] & FINE ? 'f' : out->kind)) {
            refuse(&bands[i], accepts[i] & FINE ? "need float32" : "is not of the output's dtype");
            goto fail;
        }
        if (overlap(&bands[i], out)) {
            refuse(&bands[i], "shares memory with the output");
            goto fail;
        }
    }
    return 0;
fail:
    close_bands(bands, count);
    return -1;
}

static int count_is(Py_ssize_t got, Py_ssize_t wanted) {
    if (got == wanted) return 1;
    PyErr_Format(PyExc_TypeError, "takes %zd arguments, got %zd", wanted, got);
    return 0;
}

/* A whole number between two limits; 0 where it is not, with an error set. */
static uint32_t read_count(PyObject *object, long least, long most) {
    long value = PyLong_AsLong(object);
    if (value >= least && value <= most) return (uint32_t)value;
    if (!PyErr_Occurred()) PyErr_Format(PyExc_ValueError, "need %ld to %ld, got %ld", least, most, value);
    return 0;
}

static int whole_numbers(Band *out) {
    return out->kind == 'f' ? refuse(out, "need uint8 or uint16") : 0;
}

static char *row_of(const Band *band, Py_ssize_t y) { return band->open ? band->data + y * band->stride : NULL; }

/* source, backdrop, mask or None, out, part, whole; then the row's mode or tables are set. */
static PyObject *compose(PyObject *const *args, OverRow line) {
    static const char *const names[] = {"source", "backdrop", "mask", "out"};
    static const int accepts[] = {RGB | RGBA, RGB | RGBA, MASK | OPTIONAL, RGB | RGBA | OUTPUT};
    Band bands[4], *source = bands, *backdrop = bands + 1, *mask = bands + 2, *out = bands + 3;
    line.part = read_count(args[4], 1, 65536);
    line.whole = line.part ? read_count(args[5], line.part, 65536) : 0;
    if (!line.whole || open_bands(bands, args, names, accepts, 4)) return NULL;
    int bad = whole_numbers(out);
    if (!bad && out->channels != backdrop->channels) bad = refuse(out, "has not the backdrop's channels");
    if (!bad && out->item == 2 && line.part != line.whole && !line.mode)
        bad = refuse(out, "takes no opacity at 16 bits");
    if (!bad && line.light && line.light->item != out->item) bad = refuse(out, "has not the tables' dtype");
    if (!bad) {
        void (*row)(const OverRow *, size_t) = out->item == 1 ? over_row_u8 : over_row_u16;
        line.source_channels = source->channels, line.backdrop_channels = backdrop->channels;
        Py_BEGIN_ALLOW_THREADS
        for (Py_ssize_t y = 0; y < out->height; y++) {
            line.source = row_of(source, y), line.backdrop = row_of(backdrop, y);
            line.mask = row_of(mask, y), line.out = row_of(out, y);
            row(&line, out->width);
        }
        Py_END_ALLOW_THREADS
    }
    close_bands(bands, 4);
    return bad ? NULL : Py_NewRef(Py_None);
}

static PyObject *over(PyObject *module, PyObject *const *args, Py_ssize_t count) {
    (void)module;
    return count_is(count, 6) ? compose(args, (OverRow){0}) : NULL;
}

static PyObject *blend(PyObject *module, PyObject *const *args, Py_ssize_t count) {
    OverRow line = {0};
    (void)module;
    if (!count_is(count, 7)) return NULL;
    if (!PyUnicode_Check(args[6])) return PyErr_Format(PyExc_TypeError, "mode: need a name");
    for (int i = 1; mode_names[i]; i++)
        if (!PyUnicode_CompareWithASCIIString(args[6], mode_names[i])) line.mode = i;
    if (!line.mode) return PyErr_Format(PyExc_ValueError, "mode: %R is none that is compiled", args[6]);
    return compose(args, line);
}

/* A flat table of a known number of items. */
static const void *open_table(Py_buffer *buffer, PyObject *object, char kind, Py_ssize_t count) {
    if (PyObject_GetBuffer(object, buffer, PyBUF_C_CONTIGUOUS | PyBUF_FORMAT)) return NULL;
    if (format_of(buffer) == kind && buffer->len == count * buffer->itemsize &&
        (uintptr_t)buffer->buf % buffer->itemsize == 0)
        return buffer->buf;
    PyBuffer_Release(buffer);
    PyErr_SetString(PyExc_ValueError, "tables: wrong dtype or length");
    return NULL;
}

static PyObject *lookup(PyObject *module, PyObject *const *args, Py_ssize_t count) {
    static const char *const names[] = {"source", "backdrop", "out"};
    static const int accepts[] = {RGB, RGB, RGB | OUTPUT};
    Band bands[3], *source = bands, *backdrop = bands + 1, *out = bands + 2;
    Py_buffer buffer;
    (void)module;
    if (!count_is(count, 4)) return NULL;
    const uint8_t *table = open_table(&buffer, args[3], 'B', 65536);
    if (!table) return NULL;
    int bad = open_bands(bands, args, names, accepts, 3);
    if (!bad) {
        if (out->item != 1) bad = refuse(out, "need uint8");
        if (!bad) {
            Py_BEGIN_ALLOW_THREADS
            for (Py_ssize_t y = 0; y < out->height; y++)
                lookup_row_u8(table, (void *)row_of(source, y), (void *)row_of(backdrop, y), (void *)row_of(out, y),
                              3 * out->width);
            Py_END_ALLOW_THREADS
        }
        close_bands(bands, 3);
    }
    PyBuffer_Release(&buffer);
    return bad ? NULL : Py_NewRef(Py_None);
}

/* Guesses must stay below the table of steps, and light within the bins: a wrong table must not read astray. */
static int tables_are_sound(const LightTables *tables, Py_ssize_t bins) {
    Py_ssize_t values = tables->item == 1 ? 256 : 65536;
    if (tables->item == 1 && bins != 4096) return 0;
    for (Py_ssize_t i = 0; i < values; i++)
        if (!(tables->light[i] >= 0 && tables->light[i] <= 1)) return 0;
    return bins > 0;
}

static PyObject *linear(PyObject *module, PyObject *const *args, Py_ssize_t count) {
    Py_buffer light, guesses, steps;
    PyObject *result = NULL;
    (void)module;
    if (!count_is(count, 9)) return NULL;
    if (PyObject_GetBuffer(args[7], &guesses, PyBUF_C_CONTIGUOUS | PyBUF_FORMAT)) return NULL;
    char kind = format_of(&guesses);
    LightTables tables = {.guesses = guesses.buf, .item = kind == 'B' ? 1 : kind == 'H' ? 2 : 0};
    Py_ssize_t values = tables.item == 1 ? 256 : 65536, bins = tables.item ? guesses.len / tables.item - 1 : 0;
    if (bins < 1 || (uintptr_t)guesses.buf % tables.item) {
        PyErr_SetString(PyExc_ValueError, "tables: guesses must be uint8 or uint16");
        goto guesses_open;
    }
    tables.bins = (double)bins;
    if (!(tables.light = open_table(&light, args[6], 'd', values))) goto guesses_open;
    if (!(tables.steps = open_table(&steps, args[8], 'd', values))) goto light_open;
    if (tables_are_sound(&tables, bins)) {
        LightBins *found = tables.item == 1 ? PyMem_Malloc(sizeof *found) : NULL;
        if (found) light_bins(&tables, found);
        result = compose(args, (OverRow){.light = &tables, .bins = found});
        PyMem_Free(found);
    } else {
        PyErr_SetString(PyExc_ValueError, "tables: light must be within 0-1");
    }
    PyBuffer_Release(&steps);
light_open:
    PyBuffer_Release(&light);
guesses_open:
    PyBuffer_Release(&guesses);
    return result;
}

static PyObject *apply_mask(PyObject *module, PyObject *const *args, Py_ssize_t count) {
    static const char *const names[] = {"image", "mask", "out"};
    static const int accepts[] = {RGB | RGBA, MASK, RGBA | OUTPUT};
    Band bands[3], *image = bands, *mask = bands + 1, *out = bands + 2;
    (void)module;
    if (!count_is(count, 4)) return NULL;
    int replace = PyObject_IsTrue(args[3]);
    if (replace < 0 || open_bands(bands, args, names, accepts, 3)) return NULL;
    int bad = whole_numbers(out);
    if (!bad) {
        void (*row)(const void *, int, const void *, int, void *, size_t) =
            out->item == 1 ? apply_row_u8 : apply_row_u16;
        Py_BEGIN_ALLOW_THREADS
        for (Py_ssize_t y = 0; y < out->height; y++)
            row(row_of(image, y), image->channels, row_of(mask, y), replace, row_of(out, y), out->width);
        Py_END_ALLOW_THREADS
    }
    close_bands(bands, 3);
    return bad ? NULL : Py_NewRef(Py_None);
}

/* A float mask may hold anything where nobody has looked; a step count must stay within its 25 bits. */
static int in_unit(const Band *mask) {
    for (Py_ssize_t y = 0; y < mask->height; y++) {
        const float *row = (const float *)row_of(mask, y);
        int good = 1;
        for (Py_ssize_t x = 0; x < mask->width; x++) good &= row[x] >= 0 && row[x] <= 1;
        if (!good) return 0;
    }
    return 1;
}

/* over_fine(source, backdrop, mask, out): a float mask over whole numbers. */
static PyObject *over_fine(PyObject *module, PyObject *const *args, Py_ssize_t count) {
    static const char *const names[] = {"source", "backdrop", "mask", "out"};
    static const int accepts[] = {RGB | RGBA, RGB | RGBA, MASK | FINE, RGB | RGBA | OUTPUT};
    Band bands[4], *source = bands, *backdrop = bands + 1, *mask = bands + 2, *out = bands + 3;
    (void)module;
    if (!count_is(count, 4) || open_bands(bands, args, names, accepts, 4)) return NULL;
    int bad = whole_numbers(out), good = 1;
    if (!bad && out->channels != backdrop->channels) bad = refuse(out, "has not the backdrop's channels");
    if (!bad && out->item == 2 && out->channels == 4) bad = refuse(out, "takes no alpha at 16 bits");
    if (!bad) {
        OverRow line = {.source_channels = source->channels, .backdrop_channels = backdrop->channels};
        Py_BEGIN_ALLOW_THREADS
        good = in_unit(mask);
        for (Py_ssize_t y = 0; good && y < out->height; y++) {
            line.source = row_of(source, y), line.backdrop = row_of(backdrop, y), line.out = row_of(out, y);
            over_fine_row(&line, (const float *)row_of(mask, y), out->item, out->width);
        }
        Py_END_ALLOW_THREADS
        if (!good) bad = refuse(mask, "need values of 0 to 1");
    }
    close_bands(bands, 4);
    return bad ? NULL : Py_NewRef(Py_None);
}

/* apply_mask_fine(image, mask, out, replace): a float mask onto whole numbers. */
static PyObject *apply_mask_fine(PyObject *module, PyObject *const *args, Py_ssize_t count) {
    static const char *const names[] = {"image", "mask", "out"};
    static const int accepts[] = {RGB | RGBA, MASK | FINE, RGBA | OUTPUT};
    Band bands[3], *image = bands, *mask = bands + 1, *out = bands + 2;
    (void)module;
    if (!count_is(count, 4)) return NULL;
    int replace = PyObject_IsTrue(args[3]);
    if (replace < 0 || open_bands(bands, args, names, accepts, 3)) return NULL;
    int bad = whole_numbers(out), good = 1;
    if (!bad) {
        Py_BEGIN_ALLOW_THREADS
        good = in_unit(mask);
        for (Py_ssize_t y = 0; good && y < out->height; y++)
            apply_fine_row(row_of(image, y), image->channels, (const float *)row_of(mask, y), replace, row_of(out, y),
                           out->item, out->width);
        Py_END_ALLOW_THREADS
        if (!good) bad = refuse(mask, "need values of 0 to 1");
    }
    close_bands(bands, 3);
    return bad ? NULL : Py_NewRef(Py_None);
}

typedef void (*PixelRow)(const void *, void *, size_t);

static PyObject *each_pixel(PyObject *const *args, Py_ssize_t count, PixelRow u8, PixelRow u16) {
    static const char *const names[] = {"image", "out"};
    static const int accepts[] = {RGBA, RGBA | OUTPUT};
    Band bands[2], *image = bands, *out = bands + 1;
    if (!count_is(count, 2) || open_bands(bands, args, names, accepts, 2)) return NULL;
    int bad = whole_numbers(out);
    if (!bad) {
        PixelRow row = out->item == 1 ? u8 : u16;
        Py_BEGIN_ALLOW_THREADS
        for (Py_ssize_t y = 0; y < out->height; y++) row(row_of(image, y), row_of(out, y), out->width);
        Py_END_ALLOW_THREADS
    }
    close_bands(bands, 2);
    return bad ? NULL : Py_NewRef(Py_None);
}

static PyObject *premultiply(PyObject *module, PyObject *const *args, Py_ssize_t count) {
    (void)module;
    return each_pixel(args, count, premultiply_row_u8, premultiply_row_u16);
}

static PyObject *unpremultiply(PyObject *module, PyObject *const *args, Py_ssize_t count) {
    (void)module;
    return each_pixel(args, count, unpremultiply_row_u8, unpremultiply_row_u16);
}

static Plane plane_of(const Band *band) {
    return (Plane){band->data, band->stride, band->height, band->width, band->kind};
}

/* Opens bands that need not be of one size; one dtype, and the outputs under no input. */
static int open_planes(Band *bands, PyObject *const *args, const char *const *names, const int *accepts, int count) {
    memset(bands, 0, count * sizeof *bands);
    for (int i = 0; i < count; i++) {
        if (open_band(&bands[i], args[i], names[i], accepts[i])) goto fail;
        if (!bands[i].height || !bands[i].width) {
            refuse(&bands[i], "has no pixels");
            goto fail;
        }
        for (int j = 0; j < i; j++)
            if ((accepts[i] | accepts[j]) & OUTPUT && overlap(&bands[i], &bands[j])) {
                refuse(&bands[i], "shares memory with the output");
                goto fail;
            }
    }
    return 0;
fail:
    close_bands(bands, count);
    return -1;
}

/* extremes(mask, lows, highs): of cells of 16 x 16 pixels. */
static PyObject *extremes(PyObject *module, PyObject *const *args, Py_ssize_t count) {
    static const char *const names[] = {"mask", "lows", "highs"};
    static const int accepts[] = {MASK, MASK | OUTPUT, MASK | OUTPUT};
    Band bands[3], *mask = bands, *lows = bands + 1, *highs = bands + 2;
    (void)module;
    if (!count_is(count, 3) || open_planes(bands, args, names, accepts, 3)) return NULL;
    int bad = 0;
    for (int i = 1; i < 3 && !bad; i++)
        if (bands[i].kind != mask->kind || bands[i].height != (mask->height + CELLS - 1) / CELLS ||
            bands[i].width != (mask->width + CELLS - 1) / CELLS)
            bad = refuse(&bands[i], "need one item of the mask's dtype for every 16 x 16 pixels");
    if (!bad) {
        Py_BEGIN_ALLOW_THREADS
        for (Py_ssize_t y = 0; y < lows->height; y++) {
            const void *from = row_of(mask, y * CELLS);
            void *low = row_of(lows, y), *high = row_of(highs, y);
            size_t rows = mask->height - y * CELLS < CELLS ? mask->height - y * CELLS : CELLS;
            if (mask->kind == 'B') extremes_u8(from, mask->stride, rows, mask->width, low, high);
            if (mask->kind == 'H') extremes_u16(from, mask->stride, rows, mask->width, low, high);
            if (mask->kind == 'f') extremes_f32(from, mask->stride, rows, mask->width, low, high);
        }
        Py_END_ALLOW_THREADS
    }
    close_bands(bands, 3);
    return bad ? NULL : Py_NewRef(Py_None);
}

/* Whole numbers from `args`, each within 0 and its limit. */
static int read_numbers(PyObject *const *args, int64_t *numbers, const int64_t *limits, int count) {
    for (int i = 0; i < count; i++) {
        numbers[i] = PyLong_AsLongLong(args[i]);
        if (numbers[i] == -1 && PyErr_Occurred()) return -1;
        if (numbers[i] < 0 || numbers[i] > limits[i]) {
            PyErr_Format(PyExc_ValueError, "need 0 to %lld, got %lld", limits[i], numbers[i]);
            return -1;
        }
    }
    return 0;
}

/* disc(mask, lows, highs, block lows, block highs, out, radius, part, erode, top, bottom): rows top to bottom of out. */
static PyObject *disc(PyObject *module, PyObject *const *args, Py_ssize_t count) {
    static const char *const names[] = {"mask", "lows", "highs", "block lows", "block highs", "out"};
    static const int accepts[] = {MASK, MASK, MASK, MASK, MASK, MASK | OUTPUT};
    Band bands[6], *mask = bands, *out = bands + 5;
    int64_t n[5]; /* radius, part, erode, top, bottom */
    (void)module;
    if (!count_is(count, 11) || open_planes(bands, args, names, accepts, 6)) return NULL;
    const int64_t limits[] = {1 << 20, 65535, 1, out->height, out->height};
    int bad = read_numbers(args + 6, n, limits, 5);
    for (int i = 1; i < 5 && !bad; i++) {
        const Py_ssize_t side = i < 3 ? CELLS : BLOCKS;
        if (bands[i].kind != mask->kind || bands[i].height != (mask->height + side - 1) / side ||
            bands[i].width != (mask->width + side - 1) / side || bands[i].stride != bands[i].width * bands[i].item)
            bad = refuse(&bands[i], "need one item of the mask's dtype for every square of pixels");
    }
    if (!bad && (out->kind != mask->kind || out->height != mask->height || out->width != mask->width))
        bad = refuse(out, "is not of the mask's size and dtype");
    if (bad) {
        close_bands(bands, 6);
        return NULL;
    }
    size_t levels = 1;
    while ((int64_t)1 << levels <= 2 * n[0] + 3) levels++;
    Chord *chords = malloc((n[0] + 2) * sizeof *chords);
    void *scratch = malloc(levels * (64 * 4 + 2 * n[0] + 2) * mask->item);
    if (chords && scratch) {
        Disc d = {mask->data, mask->stride, mask->height, mask->width,
                  {{bands[1].data, bands[2].data, CELLS, bands[1].width},
                   {bands[3].data, bands[4].data, BLOCKS, bands[3].width}},
                  (int)n[2], chords, scratch};
        Py_BEGIN_ALLOW_THREADS
        if (mask->kind == 'B') disc_u8(&d, n[3], n[4], n[0], (uint32_t)n[1], out->data, out->stride);
        if (mask->kind == 'H') disc_u16(&d, n[3], n[4], n[0], (uint32_t)n[1], out->data, out->stride);
        if (mask->kind == 'f') disc_f32(&d, n[3], n[4], n[0], (uint32_t)n[1], out->data, out->stride);
        Py_END_ALLOW_THREADS
    }
    bad = !chords || !scratch;
    free(chords);
    free(scratch);
    close_bands(bands, 6);
    return bad ? PyErr_NoMemory() : Py_NewRef(Py_None);
}

/* The numbers of a ring, checked: offsets within the reach, and the groups that they name. */
static int open_ring(Ring *r, Py_buffer *tables, PyObject *const *args, char kind) {
    static const char kinds[] = {'i', 0, 'i', 'i'};
    int open = 0;
    Py_ssize_t count = PyObject_Length(args[0]), groups = PyObject_Length(args[2]);
    if (count < 0 || groups < 0) return 0;
    const Py_ssize_t lengths[] = {2 * count, count, 2 * groups, count};
    const void *held[4];
    for (; open < 4; open++)
        if (!(held[open] = open_table(tables + open, args[open], kinds[open] ? kinds[open] : kind, lengths[open])))
            break;
    if (open == 4) {
        r->count = count, r->groups = groups;
        r->offsets = held[0], r->weights = held[1], r->cells = held[2], r->group = held[3];
        int bad = 0;
        for (int64_t k = 0; k < 2 * count; k++) bad |= r->offsets[k] > r->reach || r->offsets[k] < -r->reach;
        for (int64_t k = 0; k < count; k++) bad |= r->group[k] < 0 || r->group[k] >= groups;
        for (int64_t k = 0; k < 2 * groups; k++) bad |= r->cells[k] > r->reach || r->cells[k] < -r->reach;
        r->steps = malloc((count + 1) * sizeof *r->steps);
        r->picks = malloc((count + 1) * sizeof *r->picks);
        r->leads = malloc((count + 1) * sizeof *r->leads);
        r->telling = malloc(groups + 1);
        if (!bad && r->steps && r->picks && r->leads && r->telling) return 1;
        if (bad) PyErr_SetString(PyExc_ValueError, "offsets: beyond the reach, or of no group");
        else PyErr_NoMemory();
        free(r->steps), free(r->picks), free(r->leads), free(r->telling);
    }
    while (open) PyBuffer_Release(tables + --open);
    return 0;
}

/* ring(mask, highs, far, out, offsets, weights, cells, group, reach, least, top): rows of out, of which `top` is the
   first, and which hold what the disc found; far is of the same rows. */
static PyObject *ring(PyObject *module, PyObject *const *args, Py_ssize_t count) {
    static const char *const names[] = {"mask", "highs", "far", "out"};
    static const int accepts[] = {MASK, MASK, MASK, MASK | OUTPUT};
    Band bands[4], *mask = bands, *highs = bands + 1, *far = bands + 2, *out = bands + 3;
    Py_buffer tables[4];
    int64_t n[2]; /* reach, top */
    (void)module;
    if (!count_is(count, 11)) return NULL;
    PyObject *const numbers[] = {args[8], args[10]};
    const double least = PyFloat_AsDouble(args[9]);
    if (PyErr_Occurred() || open_planes(bands, args, names, accepts, 4)) return NULL;
    const int64_t limits[] = {1 << 20, mask->height > out->height ? mask->height - out->height : 0};
    int bad = read_numbers(numbers, n, limits, 2);
    if (!bad && (out->kind != mask->kind || out->height > mask->height || out->width != mask->width))
        bad = refuse(out, "is not of the mask's rows and dtype");
    if (!bad && (far->kind != mask->kind || far->height != out->height || far->width != out->width))
        bad = refuse(far, "is not of the output's size and dtype");
    if (!bad && (highs->kind != mask->kind || highs->height != (mask->height + CELLS - 1) / CELLS ||
                 highs->width != (mask->width + CELLS - 1) / CELLS || highs->stride != highs->width * highs->item))
        bad = refuse(highs, "need one item of the mask's dtype for every 16 x 16 pixels");
    Ring r = {.mask = mask->data, .stride = mask->stride, .height = mask->height, .width = mask->width, .reach = n[0],
              .highs = highs->data, .down = highs->height, .across = highs->width};
    if (bad || !open_ring(&r, tables, args + 4, mask->kind == 'H' ? 'd' : 'f')) {
        close_bands(bands, 4);
        return NULL;
    }
    Py_BEGIN_ALLOW_THREADS
    for (int64_t k = 0; k < r.count; k++)
        r.steps[k] = r.offsets[2 * k] * (int64_t)r.stride + r.offsets[2 * k + 1] * (int64_t)mask->item;
    for (int64_t y = n[1], end = n[1] + out->height, stop; y < end; y = stop) {
        stop = (y / CELLS + 1) * CELLS < end ? (y / CELLS + 1) * CELLS : end;
        char *here = (char *)row_of(out, y - n[1]);
        const char *bound = (const char *)row_of(far, y - n[1]);
        if (mask->kind == 'B') ring_u8(&r, y, stop, bound, far->stride, least, here, out->stride);
        if (mask->kind == 'H') ring_u16(&r, y, stop, bound, far->stride, least, here, out->stride);
        if (mask->kind == 'f') ring_f32(&r, y, stop, bound, far->stride, least, here, out->stride);
    }
    Py_END_ALLOW_THREADS
    free(r.steps), free(r.picks), free(r.leads), free(r.telling);
    for (int i = 0; i < 4; i++) PyBuffer_Release(tables + i);
    close_bands(bands, 4);
    return Py_NewRef(Py_None);
}

/* under(cutout, line, out, red, green, blue): bytes. */
static PyObject *under(PyObject *module, PyObject *const *args, Py_ssize_t count) {
    static const char *const names[] = {"cutout", "line", "out"};
    static const int accepts[] = {RGBA, MASK, RGBA | OUTPUT};
    Band bands[3], *out = bands + 2;
    uint8_t colour[3];
    (void)module;
    if (!count_is(count, 6)) return NULL;
    for (int c = 0; c < 3; c++) {
        colour[c] = (uint8_t)read_count(args[3 + c], 0, 255);
        if (PyErr_Occurred()) return NULL;
    }
    if (open_bands(bands, args, names, accepts, 3)) return NULL;
    int bad = out->kind != 'B' ? refuse(out, "need uint8") : 0;
    if (!bad) {
        Py_BEGIN_ALLOW_THREADS
        for (Py_ssize_t y = 0; y < out->height; y++)
            under_row_u8((void *)row_of(bands, y), (void *)row_of(bands + 1, y), colour, (void *)row_of(out, y),
                         out->width);
        Py_END_ALLOW_THREADS
    }
    close_bands(bands, 3);
    return bad ? NULL : Py_NewRef(Py_None);
}

/* reduce(mask, small, factor, start + 1): row i of small is row start + i of squares. */
static PyObject *reduce(PyObject *module, PyObject *const *args, Py_ssize_t count) {
    static const char *const names[] = {"mask", "small"};
    static const int accepts[] = {MASK, MASK | OUTPUT};
    static const int64_t limits[] = {1 << 24, 1 << 30};
    Band bands[2], *mask = bands, *small = bands + 1;
    int64_t n[2];
    (void)module;
    if (!count_is(count, 4) || open_planes(bands, args, names, accepts, 2)) return NULL;
    int bad = read_numbers(args + 2, n, limits, 2);
    if (!bad && small->kind != 'f') bad = refuse(small, "need float32");
    if (!bad && n[0] < 1) bad = refuse(small, "need a factor of at least 1");
    float *sums = bad ? NULL : malloc(mask->width * sizeof *sums);
    if (sums) {
        Plane plane = plane_of(mask);
        Py_BEGIN_ALLOW_THREADS
        for (Py_ssize_t i = 0; i < small->height; i++)
            reduce_row(&plane, n[1] - 1 + i, n[0], sums, (float *)row_of(small, i), small->width);
        Py_END_ALLOW_THREADS
    } else if (!bad) {
        PyErr_NoMemory();
        bad = 1;
    }
    free(sums);
    close_bands(bands, 2);
    return bad ? NULL : Py_NewRef(Py_None);
}

/* lift(small, out, factor, top, bottom): rows top to bottom of out. */
static PyObject *lift(PyObject *module, PyObject *const *args, Py_ssize_t count) {
    static const char *const names[] = {"small", "out"};
    static const int accepts[] = {MASK, MASK | OUTPUT};
    Band bands[2], *small = bands, *out = bands + 1;
    int64_t n[3];
    (void)module;
    if (!count_is(count, 5) || open_planes(bands, args, names, accepts, 2)) return NULL;
    const int64_t limits[] = {1 << 24, out->height, out->height};
    int bad = read_numbers(args + 2, n, limits, 3);
    if (!bad && small->kind != 'f') bad = refuse(small, "need float32");
    if (!bad && (n[0] < 1 || (out->height + n[0] - 1) / n[0] + 2 > small->height ||
                 (out->width + n[0] - 1) / n[0] + 2 > small->width))
        bad = refuse(small, "need a square for every factor x factor pixels and one more on every side");
    float *wide = bad ? NULL : malloc(2 * out->width * sizeof *wide);
    if (wide) {
        Plane from = plane_of(small), to = plane_of(out);
        Py_BEGIN_ALLOW_THREADS
        lift_rows(&from, n[0], &to, n[1], n[2], wide);
        Py_END_ALLOW_THREADS
    } else if (!bad) {
        PyErr_NoMemory();
        bad = 1;
    }
    free(wide);
    close_bands(bands, 2);
    return bad ? NULL : Py_NewRef(Py_None);
}

/* Six planes of uint16: F and B of a level. */
static uint16_t *open_layers(Py_buffer *buffer, PyObject *object, int flags) {
    if (PyObject_GetBuffer(object, buffer, PyBUF_C_CONTIGUOUS | PyBUF_FORMAT | flags)) return NULL;
    if (buffer->ndim == 3 && buffer->shape[0] == 6 && format_of(buffer) == 'H' && buffer->itemsize == 2 &&
        buffer->len && (uintptr_t)buffer->buf % sizeof(uint16_t) == 0)
        return buffer->buf;
    PyBuffer_Release(buffer);
    PyErr_SetString(PyExc_ValueError, "layers: need uint16 of shape (6, height, width)");
    return NULL;
}

static int meets(const Band *band, const Py_buffer *buffer) {
    uintptr_t low, high, start = (uintptr_t)buffer->buf;
    extent(band, &low, &high);
    return low < start + buffer->len && start < high;
}

/* The level of `coarse`, image and alpha; `numbers` are rounds, top and bottom. */
static int make_level(Level *level, const Py_buffer *coarse, const Band *image, const Band *alpha,
                      PyObject *const *numbers, int64_t *n) {
    const int64_t limits[] = {64, alpha->height, alpha->height};
    if (read_numbers(numbers, n, limits, 3)) return -1;
    if (n[1] % FOREGROUND_TILE) return refuse(alpha, "bands begin at a tile");
    if (image->height != alpha->height || image->width != alpha->width)
        return refuse(image, "is not of the alpha's size");
    if ((alpha->height - 1) / 2 >= coarse->shape[1] || (alpha->width - 1) / 2 >= coarse->shape[2])
        return refuse(alpha, "reaches beyond the coarser level");
    *level = (Level){coarse->buf, coarse->shape[1], coarse->shape[2], n[0], image->channels, plane_of(image),
                     plane_of(alpha)};
    return 0;
}

/* relax(coarse, image, alpha, layers, rounds, top, bottom): rows top to bottom of a level's layers. */
static PyObject *relax(PyObject *module, PyObject *const *args, Py_ssize_t count) {
    static const char *const names[] = {"image", "alpha"};
    static const int accepts[] = {RGB | RGBA, MASK};
    Py_buffer coarse, layers;
    Band bands[2], *image = bands, *alpha = bands + 1;
    PyObject *result = NULL;
    Level level;
    int64_t n[3];
    (void)module;
    if (!count_is(count, 7) || !open_layers(&coarse, args[0], 0)) return NULL;
    uint16_t *to = open_layers(&layers, args[3], PyBUF_WRITABLE);
    if (!to) goto coarse_open;
    if (open_planes(bands, args + 1, names, accepts, 2)) goto layers_open;
    uintptr_t a = (uintptr_t)coarse.buf, b = (uintptr_t)layers.buf;
    if (make_level(&level, &coarse, image, alpha, args + 4, n)) {
        /* said already */
    } else if (layers.shape[1] != alpha->height || layers.shape[2] != alpha->width) {
        refuse(alpha, "is not of the layers' size");
    } else if (image->kind == 'f') {
        refuse(image, "need uint8 or uint16");
    } else if (meets(image, &layers) || meets(alpha, &layers) || (a < b + layers.len && b < a + coarse.len)) {
        refuse(image, "shares memory with the output, or the coarser level does");
    } else {
        int done;
        Py_BEGIN_ALLOW_THREADS
        done = relax_rows(&level, to, n[1], n[2]);
        Py_END_ALLOW_THREADS
        result = done ? Py_NewRef(Py_None) : PyErr_NoMemory();
    }
    close_bands(bands, 2);
layers_open:
    PyBuffer_Release(&layers);
coarse_open:
    PyBuffer_Release(&coarse);
    return result;
}

/* finish(coarse, image, alpha, out, rounds, top, bottom, amount): soft pixels of rows top to bottom of out. */
static PyObject *finish(PyObject *module, PyObject *const *args, Py_ssize_t count) {
    static const char *const names[] = {"image", "alpha", "out"};
    static const int accepts[] = {RGB | RGBA, MASK, RGB | RGBA | OUTPUT};
    Py_buffer coarse;
    Band bands[3], *image = bands, *alpha = bands + 1, *out = bands + 2;
    PyObject *result = NULL;
    Level level;
    int64_t n[3];
    (void)module;
    if (!count_is(count, 8)) return NULL;
    double amount = PyFloat_AsDouble(args[7]);
    if (amount == -1 && PyErr_Occurred()) return NULL;
    if (!open_layers(&coarse, args[0], 0)) return NULL;
    if (open_planes(bands, args + 1, names, accepts, 3)) goto coarse_open;
    if (make_level(&level, &coarse, image, alpha, args + 4, n)) {
        /* said already */
    } else if (out->height != image->height || out->width != image->width || out->kind != image->kind ||
               out->channels != image->channels) {
        refuse(out, "is not of the image's shape and dtype");
    } else if (meets(out, &coarse)) {
        refuse(out, "shares memory with the coarser level");
    } else if (!(amount >= 0 && amount <= 1)) {
        PyErr_SetString(PyExc_ValueError, "amount: need 0 to 1");
    } else {
        Plane to = plane_of(out);
        int done;
        Py_BEGIN_ALLOW_THREADS
        done = finish_rows(&level, (float)amount, &to, n[1], n[2]);
        Py_END_ALLOW_THREADS
        result = done ? Py_NewRef(Py_None) : PyErr_NoMemory();
    }
    close_bands(bands, 3);
coarse_open:
    PyBuffer_Release(&coarse);
    return result;
}

/* Contiguous float32 or int32 of known length, or None where that is allowed. */
typedef struct {
    PyObject *object;
    char kind;        /* 'f' or 'i' */
    Py_ssize_t count; /* of items; -1 for any */
    int flags;        /* PyBUF_WRITABLE for an output */
    int optional;     /* None is taken */
    Py_buffer buffer;
} Items;

static void close_items(Items *items, int count) {
    for (int i = 0; i < count; i++)
        if (items[i].buffer.obj) PyBuffer_Release(&items[i].buffer);
}

static int items_fit(const Items *one) {
    const char got = format_of(&one->buffer);
    return one->buffer.itemsize == 4 && (got == one->kind || (got == 'l' && one->kind == 'i')) &&
           (uintptr_t)one->buffer.buf % 4 == 0 && (one->count < 0 || one->buffer.len == one->count * 4);
}

static int items_meet(const Items *a, const Items *b) {
    const uintptr_t first = (uintptr_t)a->buffer.buf, second = (uintptr_t)b->buffer.buf;
    return a->buffer.obj && b->buffer.obj && (a->flags | b->flags) & PyBUF_WRITABLE &&
           first < second + b->buffer.len && second < first + a->buffer.len;
}

static int open_items(Items *items, int count) {
    for (int i = 0; i < count; i++) {
        Items *one = &items[i];
        if (one->object == Py_None && one->optional) continue;
        if (PyObject_GetBuffer(one->object, &one->buffer, PyBUF_C_CONTIGUOUS | PyBUF_FORMAT | one->flags)) goto fail;
        int bad = !items_fit(one);
        for (int j = 0; j < i; j++) bad |= items_meet(one, &items[j]);
        if (!bad) continue;
        PyErr_Format(PyExc_ValueError, "argument %d: wrong dtype or length, or shared with an output", i + 1);
        goto fail;
    }
    return 0;
fail:
    close_items(items, count);
    return -1;
}

/* Tiles `first` to `last` of `tiles`; the first item of each argument must be there. */
static int read_span(PyObject *const *args, int64_t *span, int64_t tiles) {
    const int64_t limits[] = {tiles, tiles};
    return read_numbers(args, span, limits, 2);
}

static int near_is_sound(const int32_t *near, const int64_t *span, int64_t tiles) {
    for (int64_t i = 9 * span[0]; i < 9 * span[1]; i++)
        if (near[i] < 0 || near[i] > tiles) {
            PyErr_SetString(PyExc_ValueError, "near: no such tile");
            return 0;
        }
    return 1;
}

/* stencil(image, corners, stencil, eps, first, last): rows of the matting Laplacian, (tiles, 25, 8, 8). */
static PyObject *stencil(PyObject *module, PyObject *const *args, Py_ssize_t count) {
    static const char *const names[] = {"image"};
    static const int accepts[] = {RGB | RGBA};
    Band image;
    int64_t span[2];
    (void)module;
    if (!count_is(count, 6)) return NULL;
    const Py_ssize_t tiles = PyObject_Size(args[1]);
    const double eps = PyFloat_AsDouble(args[3]);
    if (PyErr_Occurred() || read_span(args + 4, span, tiles)) return NULL;
    if (!(eps > 0)) return PyErr_Format(PyExc_ValueError, "eps: need more than 0");
    Items items[] = {{args[1], 'i', 2 * tiles, 0, 0, {0}},
                     {args[2], 'f', tiles * MATTING_STEPS * MATTING_TILE * MATTING_TILE, PyBUF_WRITABLE, 0, {0}}};
    if (open_planes(&image, args, names, accepts, 1)) return NULL;
    int bad = open_items(items, 2);
    if (!bad) {
        const Plane plane = plane_of(&image);
        Py_BEGIN_ALLOW_THREADS
        matting_stencil(&plane, image.channels, items[0].buffer.buf, eps, items[1].buffer.buf, span[0], span[1]);
        Py_END_ALLOW_THREADS
        close_items(items, 2);
    }
    close_bands(&image, 1);
    return bad ? NULL : Py_NewRef(Py_None);
}

/* step(stencil, near, field, right or None, share, out, keep, first, last): fields are (tiles + 1, 8, 8). */
static PyObject *step(PyObject *module, PyObject *const *args, Py_ssize_t count) {
    int64_t span[2];
    (void)module;
    if (!count_is(count, 9)) return NULL;
    const Py_ssize_t tiles = PyObject_Size(args[1]), pixels = MATTING_TILE * MATTING_TILE, field = (tiles + 1) * pixels;
    const int keep = PyObject_IsTrue(args[6]);
    if (tiles < 0 || keep < 0 || read_span(args + 7, span, tiles)) return NULL;
    Items items[] = {{args[0], 'f', tiles * MATTING_STEPS * pixels, 0, 0, {0}}, {args[1], 'i', 9 * tiles, 0, 0, {0}},
                     {args[2], 'f', field, 0, 0, {0}}, {args[3], 'f', field, 0, 1, {0}}, {args[4], 'f', field, 0, 0, {0}},
                     {args[5], 'f', field, PyBUF_WRITABLE, 0, {0}}};
    if (open_items(items, 6)) return NULL;
    int good = near_is_sound(items[1].buffer.buf, span, tiles);
    if (good) {
        const Step one = {items[0].buffer.buf, items[2].buffer.buf, items[3].buffer.buf, items[4].buffer.buf,
                          items[1].buffer.buf, items[5].buffer.buf, keep};
        Py_BEGIN_ALLOW_THREADS
        matting_step(&one, span[0], span[1]);
        Py_END_ALLOW_THREADS
    }
    close_items(items, 6);
    return good ? Py_NewRef(Py_None) : NULL;
}

/* project(stencil, near, basis, blocks, first, last): (tiles, 4, 4, 16, 4) of a basis (tiles + 1, 4, 8, 8). */
static PyObject *project(PyObject *module, PyObject *const *args, Py_ssize_t count) {
    int64_t span[2];
    (void)module;
    if (!count_is(count, 6)) return NULL;
    const Py_ssize_t tiles = PyObject_Size(args[1]), pixels = MATTING_TILE * MATTING_TILE;
    if (tiles < 0 || read_span(args + 4, span, tiles)) return NULL;
    Items items[] = {{args[0], 'f', tiles * MATTING_STEPS * pixels, 0, 0, {0}},
                     {args[1], 'i', 9 * tiles, 0, 0, {0}},
                     {args[2], 'f', (tiles + 1) * 4 * pixels, 0, 0, {0}},
                     {args[3], 'f', tiles * 1024, PyBUF_WRITABLE, 0, {0}}};
    if (open_items(items, 4)) return NULL;
    int good = near_is_sound(items[1].buffer.buf, span, tiles);
    if (good) {
        Py_BEGIN_ALLOW_THREADS
        matting_project(items[0].buffer.buf, items[1].buffer.buf, items[2].buffer.buf, items[3].buffer.buf, span[0],
                        span[1]);
        Py_END_ALLOW_THREADS
    }
    close_items(items, 4);
    return good ? Py_NewRef(Py_None) : NULL;
}

/* transfer(basis, parts, field, spread, first, last): parts (tiles, 4 corners, 4) from the field, or the field. */
static PyObject *transfer(PyObject *module, PyObject *const *args, Py_ssize_t count) {
    int64_t span[2];
    (void)module;
    if (!count_is(count, 6)) return NULL;
    const Py_ssize_t tiles = PyObject_Size(args[1]), pixels = MATTING_TILE * MATTING_TILE;
    const int spread = PyObject_IsTrue(args[3]);
    if (tiles < 0 || spread < 0 || read_span(args + 4, span, tiles)) return NULL;
    Items items[] = {{args[0], 'f', (tiles + 1) * 4 * pixels, 0, 0, {0}},
                     {args[1], 'f', tiles * 16, spread ? 0 : PyBUF_WRITABLE, 0, {0}},
                     {args[2], 'f', (tiles + 1) * pixels, spread ? PyBUF_WRITABLE : 0, 0, {0}}};
    if (open_items(items, 3)) return NULL;
    Py_BEGIN_ALLOW_THREADS
    if (spread)
        matting_spread(items[0].buffer.buf, items[1].buffer.buf, items[2].buffer.buf, span[0], span[1]);
    else
        matting_collect(items[0].buffer.buf, items[2].buffer.buf, items[1].buffer.buf, span[0], span[1]);
    Py_END_ALLOW_THREADS
    close_items(items, 3);
    return Py_NewRef(Py_None);
}

/* coarser(matrix, out, height, width): the matrix of every other node; out is all 0. */
static PyObject *coarser(PyObject *module, PyObject *const *args, Py_ssize_t count) {
    static const int64_t limits[] = {1 << 19, 1 << 19};
    int64_t n[2];
    (void)module;
    if (!count_is(count, 4) || read_numbers(args + 2, n, limits, 2)) return NULL;
    const Py_ssize_t block = MATTING_STEPS * 16;
    Items items[] = {{args[0], 'f', n[0] * n[1] * block, 0, 0, {0}},
                     {args[1], 'f', (n[0] / 2 + 1) * (n[1] / 2 + 1) * block, PyBUF_WRITABLE, 0, {0}}};
    if (open_items(items, 2)) return NULL;
    Py_BEGIN_ALLOW_THREADS
    matting_coarser(items[0].buffer.buf, n[0], n[1], items[1].buffer.buf);
    Py_END_ALLOW_THREADS
    close_items(items, 2);
    return Py_NewRef(Py_None);
}

/* sample(colour, means, known, alpha, trust): the best pair of colours for every pixel where known is 0. */
static PyObject *sample(PyObject *module, PyObject *const *args, Py_ssize_t count) {
    static const char *const names[] = {"known"};
    static const int accepts[] = {MASK};
    Band known;
    (void)module;
    if (!count_is(count, 5) || open_planes(&known, args + 2, names, accepts, 1)) return NULL;
    const Py_ssize_t all = known.height * known.width;
    Items items[] = {{args[0], 'f', 3 * all, 0, 0, {0}}, {args[1], 'f', 3 * all, 0, 0, {0}},
                     {args[3], 'f', all, PyBUF_WRITABLE, 0, {0}}, {args[4], 'f', all, PyBUF_WRITABLE, 0, {0}}};
    int bad = known.kind != 'B' || known.stride != known.width || all > INT32_MAX
                  ? refuse(&known, "need contiguous uint8 of less than 2^31 pixels") : open_items(items, 4);
    int32_t *scratch = NULL;
    if (!bad) {
        const Sampling one = {items[0].buffer.buf, items[1].buffer.buf, (const uint8_t *)known.data,
                              items[2].buffer.buf, items[3].buffer.buf, known.height, known.width};
        size_t unknown = 0;
        for (Py_ssize_t i = 0; i < all; i++) unknown += !one.known[i];
        scratch = malloc((8 * unknown + 15 * (size_t)known.width) * sizeof *scratch);
        Py_BEGIN_ALLOW_THREADS
        if (scratch) matting_sample(&one, scratch);
        Py_END_ALLOW_THREADS
        close_items(items, 4);
    }
    close_bands(&known, 1);
    const int done = scratch != NULL;
    free(scratch);
    return bad ? NULL : done ? Py_NewRef(Py_None) : PyErr_NoMemory();
}

/* nodes(matrix, inverse, field, right, out or None, height, width, backwards): a sweep, or with out the rest. */
static PyObject *nodes(PyObject *module, PyObject *const *args, Py_ssize_t count) {
    static const int64_t limits[] = {1 << 24, 1 << 24, 1};
    int64_t n[3];
    (void)module;
    if (!count_is(count, 8) || read_numbers(args + 5, n, limits, 3)) return NULL;
    const Py_ssize_t all = n[0] * n[1];
    Items items[] = {{args[0], 'f', all * MATTING_STEPS * 16, 0, 0, {0}},
                     {args[1], 'f', all * 16, 0, 0, {0}},
                     {args[2], 'f', all * 4, args[4] == Py_None ? PyBUF_WRITABLE : 0, 0, {0}},
                     {args[3], 'f', all * 4, 0, 0, {0}},
                     {args[4], 'f', all * 4, PyBUF_WRITABLE, 1, {0}}};
    if (open_items(items, 5)) return NULL;
    const Nodes grid = {items[0].buffer.buf, items[1].buffer.buf, items[3].buffer.buf,
                        items[2].buffer.buf, items[4].buffer.buf, n[0], n[1]};
    Py_BEGIN_ALLOW_THREADS
    matting_nodes(&grid, (int)n[2]);
    Py_END_ALLOW_THREADS
    close_items(items, 5);
    return Py_NewRef(Py_None);
}

static int need_bytes(const Band *bands, int count) {
    for (int i = 0; i < count; i++)
        if (bands[i].kind != 'B') return refuse(&bands[i], "need uint8");
    return 0;
}

/* png_filter(rows, above, out, kind, step): out is one byte wider, for the kind. */
static PyObject *png_filter(PyObject *module, PyObject *const *args, Py_ssize_t count) {
    static const char *const names[] = {"rows", "above", "out"};
    static const int accepts[] = {MASK, MASK, MASK | OUTPUT};
    static const int64_t limits[] = {4, 8};
    Band bands[3], *rows = bands, *above = bands + 1, *out = bands + 2;
    int64_t n[2];
    (void)module;
    if (!count_is(count, 5) || open_planes(bands, args, names, accepts, 3)) return NULL;
    int bad = read_numbers(args + 3, n, limits, 2);
    if (!bad) bad = need_bytes(bands, 3);
    if (!bad && (above->height != rows->height || above->width != rows->width))
        bad = refuse(above, "is not of the rows' size");
    if (!bad && (out->height != rows->height || out->width != rows->width + 1))
        bad = refuse(out, "is not one byte wider than the rows");
    if (!bad && (n[1] < 1 || n[1] > rows->width)) bad = refuse(rows, "are narrower than a pixel");
    if (!bad) {
        Py_BEGIN_ALLOW_THREADS
        for (Py_ssize_t y = 0; y < out->height; y++) {
            uint8_t *line = (uint8_t *)row_of(out, y);
            *line = (uint8_t)n[0];
            png_filter_row((int)n[0], (const uint8_t *)row_of(rows, y), (const uint8_t *)row_of(above, y),
                           (size_t)n[1], line + 1, rows->width);
        }
        Py_END_ALLOW_THREADS
    }
    close_bands(bands, 3);
    return bad ? NULL : Py_NewRef(Py_None);
}

/* png_unfilter(rows, out, step, swap): rows begin with their filter's number; whether all of them were known.
   Where `out` has one row more, its first one is what lies above, unfiltered before. With `swap` the two bytes of
   every sample change places in all rows but the last, whose bytes the row below still needs. */
static PyObject *png_unfilter(PyObject *module, PyObject *const *args, Py_ssize_t count) {
    static const char *const names[] = {"rows", "out"};
    static const int accepts[] = {MASK, MASK | OUTPUT};
    static const int64_t limits[] = {8, 1};
    Band bands[2], *rows = bands, *out = bands + 1;
    int64_t n[2];
    int known = 1;
    (void)module;
    if (!count_is(count, 4) || open_planes(bands, args, names, accepts, 2)) return NULL;
    int bad = read_numbers(args + 2, n, limits, 2);
    const size_t step = (size_t)n[0];
    if (!bad) bad = need_bytes(bands, 2);
    const Py_ssize_t first = out->height - rows->height;
    if (!bad && (first < 0 || first > 1 || rows->width != out->width + 1))
        bad = refuse(out, "is not one byte narrower than the rows");
    if (!bad && (step < 1 || step == 5 || step == 7 || (size_t)out->width % step))
        bad = refuse(out, "is not of whole pixels of 1, 2, 3, 4, 6 or 8 bytes");
    if (!bad && n[1] && step % 2) bad = refuse(out, "is not of samples of two bytes");
    uint8_t *zeros = bad ? NULL : calloc(1, out->width + 1);
    if (zeros) {
        Py_BEGIN_ALLOW_THREADS
        const uint8_t *above = first ? (const uint8_t *)row_of(out, 0) : zeros;
        for (Py_ssize_t y = 0; y < rows->height && known; y++) {
            const uint8_t *line = (const uint8_t *)row_of(rows, y);
            uint8_t *to = (uint8_t *)row_of(out, y + first);
            known = *line <= 4;
            if (known) png_unfilter_row(*line, line + 1, above, step, to, out->width);
            if (n[1] && y + first) swap_row((uint8_t *)row_of(out, y + first - 1), out->width);
            above = to;
        }
        Py_END_ALLOW_THREADS
    } else if (!bad) {
        PyErr_NoMemory();
        bad = 1;
    }
    free(zeros);
    close_bands(bands, 2);
    return bad ? NULL : PyBool_FromLong(known);
}

/* sum_rows(rows, out, step, swap): uint16 of one shape; the rows' bytes are swapped first. */
static PyObject *sum_rows(PyObject *module, PyObject *const *args, Py_ssize_t count) {
    static const char *const names[] = {"rows", "out"};
    static const int accepts[] = {MASK, MASK | OUTPUT};
    static const int64_t limits[] = {4, 1};
    Band bands[2], *rows = bands, *out = bands + 1;
    int64_t n[2];
    (void)module;
    if (!count_is(count, 4) || open_planes(bands, args, names, accepts, 2)) return NULL;
    int bad = read_numbers(args + 2, n, limits, 2);
    for (int i = 0; i < 2 && !bad; i++)
        if (bands[i].kind != 'H') bad = refuse(&bands[i], "need uint16");
    if (!bad && (rows->height != out->height || rows->width != out->width)) bad = refuse(out, "is not of the rows' size");
    if (!bad && (n[0] < 1 || out->width % n[0])) bad = refuse(out, "is not of whole pixels of 1 to 4 samples");
    if (!bad) {
        Py_BEGIN_ALLOW_THREADS
        for (Py_ssize_t y = 0; y < out->height; y++)
            sum_row((const uint16_t *)row_of(rows, y), (size_t)n[0], (int)n[1], (uint16_t *)row_of(out, y), out->width);
        Py_END_ALLOW_THREADS
    }
    close_bands(bands, 2);
    return bad ? NULL : Py_NewRef(Py_None);
}

/* deflate_bits(content): bits that it needs, about; nothing is written. */
static PyObject *deflate_bits(PyObject *module, PyObject *content) {
    Py_buffer in;
    size_t bits;
    (void)module;
    if (PyObject_GetBuffer(content, &in, PyBUF_C_CONTIGUOUS)) return NULL;
    Py_BEGIN_ALLOW_THREADS
    bits = png_bits(in.buf, in.len);
    Py_END_ALLOW_THREADS
    PyBuffer_Release(&in);
    return PyLong_FromSize_t(bits);
}

/* deflate(content) -> bytes: raw deflate that ends with a sync flush. */
static PyObject *deflate(PyObject *module, PyObject *content) {
    Py_buffer in;
    PyObject *result = NULL;
    (void)module;
    if (PyObject_GetBuffer(content, &in, PyBUF_C_CONTIGUOUS)) return NULL;
    uint8_t *out = malloc(png_deflate_room(in.len));
    if (out) {
        size_t length;
        Py_BEGIN_ALLOW_THREADS
        length = png_deflate(in.buf, in.len, out);
        Py_END_ALLOW_THREADS
        result = PyBytes_FromStringAndSize((const char *)out, length);
    } else {
        PyErr_NoMemory();
    }
    free(out);
    PyBuffer_Release(&in);
    return result;
}

static const char *simd_level(void) {
#if HAS_CLONES
    __builtin_cpu_init();
    if (__builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512vl")) return "x86-64-v4";
    if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma")) return "x86-64-v3";
    return "x86-64";
#elif defined(__aarch64__)
    return "neon";
#else
    return "baseline";
#endif
}

/* ---- the layers of a network ---- */

static PyObject *network_pays_here(PyObject *module, PyObject *none) {
    (void)module, (void)none;
    return PyBool_FromLong(network_pays());
}

/* Height, width and channels of a picture of floats; 0 where it is none, with an error set. */
static int is_picture(const Items *one, int64_t *shape) {
    const Py_buffer *b = &one->buffer;
    for (int i = 0; i < 3; i++) shape[i] = b->ndim == 3 ? b->shape[i] : 0;
    if (shape[0] > 0 && shape[1] > 0 && shape[2] > 0 && shape[2] <= NETWORK_DEPTH) return 1;
    PyErr_SetString(PyExc_ValueError, "need (height, width, channels) with pixels");
    return 0;
}

/* Whether weights and parts fit the output; all that a convolution reads follows from these. */
static int convolution_fits(const Items *items, Convolution *c, int winograd) {
    int64_t shape[3], depth = 0;
    if (!is_picture(items, shape)) return 0;
    c->height = shape[0], c->width = shape[1], c->outputs = shape[2];
    c->out = items[0].buffer.buf, c->weights = items[1].buffer.buf, c->bias = items[2].buffer.buf;
    c->plus = items[3].buffer.buf;
    int good = 1;
    for (int i = 0; i < c->count; i++) {
        if (!is_picture(&items[4 + i], shape)) return 0;
        c->parts[i] = items[4 + i].buffer.buf, c->channels[i] = shape[2], depth += shape[2];
        good &= shape[0] == c->height && shape[1] == c->width && (!winograd || shape[2] % 8 == 0);
    }
    const int64_t numbers = winograd ? 36 : c->side * c->side, wide = (c->outputs + 15) / NETWORK_BLOCK * NETWORK_BLOCK;
    good &= depth <= NETWORK_DEPTH && items[1].buffer.len == 4 * numbers * depth * wide && items[2].buffer.len == 4 * wide;
    good &= !winograd || (c->side == 3 && c->dilation == 1);
    if (!good) PyErr_SetString(PyExc_ValueError, "parts, weights, bias and out do not fit");
    return good;
}

/* convolve(parts, weights, bias, out, plus or None, side, dilation, relu, winograd, first, last): rows of the output,
   or of its tiles. */
static PyObject *convolve(PyObject *module, PyObject *const *args, Py_ssize_t count) {
    Convolution c = {0};
    int64_t span[2];
    (void)module;
    if (!count_is(count, 11)) return NULL;
    if (!PyTuple_Check(args[0])) return PyErr_Format(PyExc_TypeError, "parts: need a tuple");
    const Py_ssize_t parts = PyTuple_Size(args[0]);
    if (parts < 1 || parts > NETWORK_PARTS) return PyErr_Format(PyExc_ValueError, "parts: need 1 to 8");
    c.count = (int)parts, c.side = (int)read_count(args[5], 1, 3), c.dilation = c.side ? (int)read_count(args[6], 1, 1024) : 0;
    c.relu = PyObject_IsTrue(args[7]);
    const int winograd = PyObject_IsTrue(args[8]);
    if (!c.dilation || c.relu < 0 || winograd < 0) return NULL;
    if (c.side == 2) return PyErr_Format(PyExc_ValueError, "side: need 1 or 3");
    Items items[4 + NETWORK_PARTS] = {{args[3], 'f', -1, PyBUF_WRITABLE, 0, {0}},
                                      {args[1], 'f', -1, 0, 0, {0}},
                                      {args[2], 'f', -1, 0, 0, {0}},
                                      {args[4], 'f', -1, 0, 1, {0}}};
    for (int i = 0; i < c.count; i++) items[4 + i] = (Items){PyTuple_GetItem(args[0], i), 'f', -1, 0, 0, {0}};
    if (open_items(items, 4 + c.count)) return NULL;
    int good = convolution_fits(items, &c, winograd);
    if (good && c.plus && items[3].buffer.len != items[0].buffer.len)
        good = 0, PyErr_SetString(PyExc_ValueError, "plus: need the shape of out");
    const int64_t rows = winograd ? (c.height + NETWORK_TILE - 1) / NETWORK_TILE : c.height;
    if (good && !read_span(args + 9, span, rows)) {
        Py_BEGIN_ALLOW_THREADS
        good = !(winograd ? network_winograd : network_direct)(&c, span[0], span[1]);
        Py_END_ALLOW_THREADS
        if (!good) PyErr_NoMemory();
    } else {
        good = 0;
    }
    close_items(items, 4 + c.count);
    return good ? Py_NewRef(Py_None) : NULL;
}

/* weigh(windows, numbers): of 3x3 weights (9, n), Winograd's (36, n). */
static PyObject *weigh(PyObject *module, PyObject *const *args, Py_ssize_t count) {
    (void)module;
    if (!count_is(count, 2)) return NULL;
    Items items[] = {{args[0], 'f', -1, 0, 0, {0}}, {args[1], 'f', -1, PyBUF_WRITABLE, 0, {0}}};
    if (open_items(items, 2)) return NULL;
    const Py_ssize_t windows = items[0].buffer.len, numbers = items[1].buffer.len;
    const int good = windows % (9 * NETWORK_BLOCK * 4) == 0 && numbers == 4 * windows;
    if (!good) {
        PyErr_SetString(PyExc_ValueError, "windows and numbers do not fit");
    } else {
        Py_BEGIN_ALLOW_THREADS
        network_weigh(items[0].buffer.buf, items[1].buffer.buf, windows / 36);
        Py_END_ALLOW_THREADS
    }
    close_items(items, 2);
    return good ? Py_NewRef(Py_None) : NULL;
}

/* in, out, first, last: rows of the output. */
static PyObject *layer(PyObject *const *args, Py_ssize_t count, void (*run)(const Layer *, int64_t, int64_t), int halves) {
    int64_t in[3], out[3], span[2];
    if (!count_is(count, 4)) return NULL;
    Items items[] = {{args[0], 'f', -1, 0, 0, {0}}, {args[1], 'f', -1, PyBUF_WRITABLE, 0, {0}}};
    if (open_items(items, 2)) return NULL;
    int good = is_picture(items, in) && is_picture(items + 1, out);
    if (good && (in[2] != out[2] || (halves && (out[0] != (in[0] + 1) / 2 || out[1] != (in[1] + 1) / 2))))
        good = 0, PyErr_SetString(PyExc_ValueError, "in and out do not fit");
    if (good && !read_span(args + 2, span, out[0])) {
        const Layer one = {items[0].buffer.buf, items[1].buffer.buf, in[0], in[1], in[2], out[0], out[1]};
        Py_BEGIN_ALLOW_THREADS
        run(&one, span[0], span[1]);
        Py_END_ALLOW_THREADS
    } else {
        good = 0;
    }
    close_items(items, 2);
    return good ? Py_NewRef(Py_None) : NULL;
}

/* halve(in, out, first, last): the largest of 2 x 2. */
static PyObject *halve(PyObject *module, PyObject *const *args, Py_ssize_t count) {
    (void)module;
    return layer(args, count, network_pool, 1);
}

/* stretch(in, out, first, last): bilinear, from the middles of pixels. */
static PyObject *stretch(PyObject *module, PyObject *const *args, Py_ssize_t count) {
    (void)module;
    return layer(args, count, network_resize, 0);
}

/* The planes of a grid, and (rows, columns, top, left) of the picture under it. */
static int make_grid(Grid *grid, const Items *items, PyObject *numbers, int planes) {
    int64_t size[3];
    const int64_t limits[] = {INT32_MAX, INT32_MAX, INT32_MAX, INT32_MAX};
    PyObject *each[4];
    if (!is_picture(items, size)) return -1;
    if (size[2] != planes || !PyTuple_Check(numbers) || PyTuple_Size(numbers) != 4) {
        PyErr_Format(PyExc_ValueError, "grid: need %d planes, and four numbers beside it", planes);
        return -1;
    }
    for (int i = 0; i < 4; i++) each[i] = PyTuple_GetItem(numbers, i);
    int64_t n[4];
    if (read_numbers(each, n, limits, 4)) return -1;
    if (n[0] < 1 || n[1] < 1) {
        PyErr_SetString(PyExc_ValueError, "grid: need a picture under it");
        return -1;
    }
    *grid = (Grid){items->buffer.buf, size[0], size[1], n[0], n[1], n[2], n[3], planes};
    return 0;
}

/* image, out, then each grid with its numbers: every row of out. */
static PyObject *coloured(PyObject *const *args, int count, const int *planes,
                          int (*run)(const Grid *, const Plane *, const Plane *)) {
    static const char *const names[] = {"image", "out"};
    static const int accepts[] = {RGB, MASK | OUTPUT};
    Band bands[2], *image = bands, *out = bands + 1;
    Items items[2] = {{args[2], 'f', -1, 0, 0, {0}}, {count > 1 ? args[4] : NULL, 'f', -1, 0, 0, {0}}};
    Grid grids[2];
    int done = 0;
    if (open_planes(bands, args, names, accepts, 2)) return NULL;
    if (out->kind != 'f' || out->height != image->height || out->width != image->width) {
        refuse(out, "need float32 of the image's size");
    } else if (!open_items(items, count)) {
        int bad = 0;
        for (int k = 0; k < count && !bad; k++) {
            bad = make_grid(grids + k, items + k, args[3 + 2 * k], planes[k]);
            if (!bad && meets(out, &items[k].buffer)) bad = refuse(out, "shares memory with a grid");
        }
        if (!bad) {
            const Plane from = plane_of(image), to = plane_of(out);
            Py_BEGIN_ALLOW_THREADS
            done = run(grids, &from, &to);
            Py_END_ALLOW_THREADS
            if (!done) PyErr_NoMemory();
        }
        close_items(items, count);
    }
    close_bands(bands, 2);
    return done ? Py_NewRef(Py_None) : NULL;
}

/* lines(image, out, grid, (rows, columns, top, left)): three slopes and an offset. */
static PyObject *lines(PyObject *module, PyObject *const *args, Py_ssize_t count) {
    static const int planes[] = {4};
    (void)module;
    return count_is(count, 4) ? coloured(args, 1, planes, lines_rows) : NULL;
}

/* fuse(image, out, fine, its numbers, wide, its numbers): see matting/edge.py. */
static PyObject *fuse(PyObject *module, PyObject *const *args, Py_ssize_t count) {
    static const int planes[] = {4, 11};
    (void)module;
    return count_is(count, 6) ? coloured(args, 2, planes, fuse_rows) : NULL;
}

/* bound(image, out, grid, its numbers): see matting/lift.py. */
static PyObject *bound(PyObject *module, PyObject *const *args, Py_ssize_t count) {
    static const int planes[] = {7};
    (void)module;
    return count_is(count, 4) ? coloured(args, 1, planes, bound_rows) : NULL;
}

static PyObject *build(PyObject *module, PyObject *none) {
    (void)module, (void)none;
#if defined(__clang__)
    const char *compiler = "Clang " __clang_version__;
#elif defined(__GNUC__)
    const char *compiler = "GCC " __VERSION__;
#elif defined(_MSC_VER)
    const char *compiler = "MSVC";
#else
    const char *compiler = "unknown";
#endif
#define LISTED(name) #name " "
    return Py_BuildValue("{s:s,s:s,s:s}", "compiler", compiler, "simd", simd_level(), "modes", MODES(LISTED));
#undef LISTED
}

#define ENTRY(name) {#name, (PyCFunction)(void (*)(void))name, METH_FASTCALL, NULL}

static PyMethodDef entries[] = {
    ENTRY(over),
    ENTRY(blend),
    ENTRY(linear),
    ENTRY(lookup),
    ENTRY(apply_mask),
    ENTRY(over_fine),
    ENTRY(apply_mask_fine),
    ENTRY(extremes),
    ENTRY(disc),
    ENTRY(ring),
    ENTRY(under),
    ENTRY(reduce),
    ENTRY(lift),
    ENTRY(relax),
    ENTRY(finish),
    ENTRY(stencil),
    ENTRY(step),
    ENTRY(project),
    ENTRY(nodes),
    ENTRY(transfer),
    ENTRY(coarser),
    ENTRY(sample),
    ENTRY(convolve),
    ENTRY(halve),
    ENTRY(stretch),
    ENTRY(weigh),
    ENTRY(lines),
    ENTRY(fuse),
    ENTRY(bound),
    ENTRY(png_filter),
    ENTRY(png_unfilter),
    ENTRY(sum_rows),
    {"deflate", deflate, METH_O, NULL},
    {"deflate_bits", deflate_bits, METH_O, NULL},
    ENTRY(premultiply),
    ENTRY(unpremultiply),
    {"network_pays", network_pays_here, METH_NOARGS, NULL},
    {"build", build, METH_NOARGS, NULL},
    {NULL, NULL, 0, NULL},
};

static PyModuleDef_Slot slots[] = {{0, NULL}};

static struct PyModuleDef definition = {
    PyModuleDef_HEAD_INIT, "_native", "The compiled kernels.", 0, entries, slots, NULL, NULL, NULL,
};

PyMODINIT_FUNC PyInit__native(void) { return PyModuleDef_Init(&definition); }
