/* For LD_PRELOAD: lets the n-th allocation of a thread fail. Glibc. */
#include <errno.h>
#include <stddef.h>

extern void* __libc_malloc(size_t);
extern void* __libc_calloc(size_t, size_t);
extern void* __libc_realloc(void*, size_t);
extern void* __libc_memalign(size_t, size_t);

static __thread long left __attribute__((tls_model("initial-exec")));   /* allocations until the one that fails; 0: none does */
static __thread long count __attribute__((tls_model("initial-exec")));  /* since fail_allocation() */
static __thread int forever __attribute__((tls_model("initial-exec"))); /* all behind it fail too */

/* `n`: 1 is the next one, 0 none. */
void fail_allocation(long n, int all) {
    count = 0;
    forever = all;
    left = n;
}
long allocations(void) { return count; }

static int fails(void) {
    ++count;
    if (left == 0) return 0;
    if (left == 1) {
        if (!forever) left = 0;
        errno = ENOMEM;
        return 1;
    }
    --left;
    return 0;
}

void* malloc(size_t size) { return fails() ? NULL : __libc_malloc(size); }
void* calloc(size_t number, size_t size) { return fails() ? NULL : __libc_calloc(number, size); }
void* realloc(void* old, size_t size) { return fails() ? NULL : __libc_realloc(old, size); }
void* memalign(size_t alignment, size_t size) { return fails() ? NULL : __libc_memalign(alignment, size); }
void* aligned_alloc(size_t alignment, size_t size) { return fails() ? NULL : __libc_memalign(alignment, size); }
int posix_memalign(void** place, size_t alignment, size_t size) {
    if (fails()) return ENOMEM;
    *place = __libc_memalign(alignment, size);
    return *place ? 0 : ENOMEM;
}
