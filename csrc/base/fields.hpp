// Names and offsets of the fields of a saved struct.
//
// A saved struct is copied as bytes. Code that needs names (the portable form, the comparison of two
// machines) reads this list; `covers` proves at compile time that it leaves no byte out, so the
// list cannot drift from the struct.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <type_traits>

namespace nes {

struct Field {
    const char* name;
    std::uint32_t offset;        // bytes from the start of the struct
    std::uint32_t element_size;  // bytes; 1, 2, 4 or 8
    std::uint32_t count;         // elements; more than 1 for an array
};

template <class T>
constexpr std::uint32_t element_size_of() {
    return sizeof(std::remove_all_extents_t<T>);
}

/// True when `fields`, in order, fill `size` bytes without a gap or an overlap.
constexpr bool covers(std::span<const Field> fields, std::size_t size) {
    std::size_t end = 0;
    for (const Field& field : fields) {
        if (field.offset != end) return false;
        end += std::size_t{field.element_size} * field.count;
    }
    return end == size;
}

}  // namespace nes

#define NES_FIELD(Struct, member)                                                              \
    ::nes::Field {                                                                             \
        #member, offsetof(Struct, member), ::nes::element_size_of<decltype(Struct::member)>(), \
            sizeof(Struct::member) / ::nes::element_size_of<decltype(Struct::member)>()        \
    }
