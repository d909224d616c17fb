// Copyright 2026 The trispike authors. SPDX-License-Identifier: Apache-2.0
#include "src/pickle.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cstring>
#include <map>

#include "src/pickle_opcodes.h"
#include "src/text.h"
#include "trispike/model/error.h"

namespace trispike::interop {
namespace {

using Kind = PickleValue::Kind;
using Values = PickleDocument::Values;

// What may be named in a pickle. A storage class stands for its number type.
enum class Known { kOrderedDict, kRebuildTensor, kRebuildParameter, kStorageClass };

struct KnownGlobal {
  std::string_view module;
  std::string_view name;
  Known known;
  ScalarType type = ScalarType::kF32;
};

constexpr std::array kKnown{
    KnownGlobal{"collections", "OrderedDict", Known::kOrderedDict},
    KnownGlobal{"torch._utils", "_rebuild_tensor_v2", Known::kRebuildTensor},
    KnownGlobal{"torch._utils", "_rebuild_parameter", Known::kRebuildParameter},
    KnownGlobal{"torch", "DoubleStorage", Known::kStorageClass, ScalarType::kF64},
    KnownGlobal{"torch", "FloatStorage", Known::kStorageClass, ScalarType::kF32},
    KnownGlobal{"torch", "HalfStorage", Known::kStorageClass, ScalarType::kF16},
    KnownGlobal{"torch", "BFloat16Storage", Known::kStorageClass, ScalarType::kBF16},
    KnownGlobal{"torch", "LongStorage", Known::kStorageClass, ScalarType::kI64},
    KnownGlobal{"torch", "IntStorage", Known::kStorageClass, ScalarType::kI32},
    KnownGlobal{"torch", "ShortStorage", Known::kStorageClass, ScalarType::kI16},
    KnownGlobal{"torch", "CharStorage", Known::kStorageClass, ScalarType::kI8},
    KnownGlobal{"torch", "ByteStorage", Known::kStorageClass, ScalarType::kU8},
    KnownGlobal{"torch", "BoolStorage", Known::kStorageClass, ScalarType::kBool}};

// Upper bounds of what one thing costs, growth of the vectors that hold it included.
constexpr std::uint64_t kValueCost = 3 * sizeof(PickleValue);
constexpr std::uint64_t kMemoCost = 96;
constexpr std::size_t kLongestGlobal = 256;

class Reader {
 public:
  Reader(std::span<const std::byte> bytes, const std::string& file, MemoryBudget& budget)
      : bytes_(bytes), file_(file), budget_(budget) {}

  PickleDocument read() {
    do {
      at_ = position_;
    } while (step(take<std::uint8_t>()));
    if (position_ != bytes_.size()) {
      fail(std::to_string(bytes_.size() - position_) + " bytes follow the end of the pickle");
    }
    return std::move(document_);
  }

 private:
  // One opcode; false after the last.
  bool step(std::uint8_t code) {
    switch (static_cast<Opcode>(code)) {
      case Opcode::kStop:
        return stop();
      case Opcode::kProto:
        return check_protocol();
      case Opcode::kFrame:
        return check_frame();
      case Opcode::kMark:
        budget_.take(kValueCost, at_);
        marks_.push_back(stack_.size());
        return true;
      case Opcode::kPop:
        return pop(), true;
      case Opcode::kPopMark:
        return pop_to_mark(), true;
      case Opcode::kDup:
        return push(top());
      default:
        return push_constant(static_cast<Opcode>(code)) || fill(static_cast<Opcode>(code)) ||
               remember(static_cast<Opcode>(code)) || apply(static_cast<Opcode>(code)) ||
               refuse(code);
    }
  }

  // Opcodes that only push. Each of these groups answers false if the opcode is not its own.
  bool push_constant(Opcode code) {
    switch (code) {
      case Opcode::kNone:
        return push({Kind::kNone, 0});
      case Opcode::kNewTrue:
      case Opcode::kNewFalse:
        return push({Kind::kBool, code == Opcode::kNewTrue});
      case Opcode::kBinInt:
        return push({Kind::kInteger, take<std::int32_t>()});
      case Opcode::kBinInt1:
        return push({Kind::kInteger, take<std::uint8_t>()});
      case Opcode::kBinInt2:
        return push({Kind::kInteger, take<std::uint16_t>()});
      case Opcode::kLong1:
        return push({Kind::kInteger, take_long()});
      case Opcode::kBinFloat:
        take<std::uint64_t>();  // no real number of a state dict is of use here
        return push({Kind::kReal, 0});
      case Opcode::kBinUnicode:
        return push_text(take<std::uint32_t>());
      case Opcode::kBinUnicode8:
        return push_text(take<std::uint64_t>());
      case Opcode::kShortBinUnicode:
      case Opcode::kShortBinString:
        return push_text(take<std::uint8_t>());
      case Opcode::kBinString:
        return push_text(take<std::uint32_t>());
      default:
        return false;
    }
  }

  // Tuples, lists, dicts.
  bool fill(Opcode code) {
    switch (code) {
      case Opcode::kEmptyTuple:
        return push_container(Kind::kTuple, {});
      case Opcode::kEmptyList:
        return push_container(Kind::kList, {});
      case Opcode::kEmptyDict:
        return push_container(Kind::kDict, {});
      case Opcode::kTuple1:
        return push_container(Kind::kTuple, pop_last(1));
      case Opcode::kTuple2:
        return push_container(Kind::kTuple, pop_last(2));
      case Opcode::kTuple3:
        return push_container(Kind::kTuple, pop_last(3));
      case Opcode::kTuple:
        return push_container(Kind::kTuple, pop_to_mark());
      case Opcode::kAppend:
        return extend(Kind::kList, pop_last(1));
      case Opcode::kAppends:
        return extend(Kind::kList, pop_to_mark());
      case Opcode::kSetItem:
        return extend(Kind::kDict, pop_last(2));
      case Opcode::kSetItems:
        return extend(Kind::kDict, pop_to_mark());
      default:
        return false;
    }
  }

  bool remember(Opcode code) {
    switch (code) {
      case Opcode::kBinPut:
        return put(take<std::uint8_t>());
      case Opcode::kLongBinPut:
        return put(take<std::uint32_t>());
      case Opcode::kMemoize:
        return put(memo_.size());
      case Opcode::kBinGet:
        return get(take<std::uint8_t>());
      case Opcode::kLongBinGet:
        return get(take<std::uint32_t>());
      default:
        return false;
    }
  }

  // What would call something if this were Python.
  bool apply(Opcode code) {
    switch (code) {
      case Opcode::kGlobal: {
        const std::string_view module = take_line();
        return push_global(module, take_line());
      }
      case Opcode::kStackGlobal: {
        const Values names = pop_last(2);
        return push_global(text(names[0], "a module's name"), text(names[1], "a name"));
      }
      case Opcode::kReduce:
        return reduce();
      case Opcode::kBuild:
        return build();
      case Opcode::kBinPersId:
        return push_storage();
      default:
        return false;
    }
  }

  [[noreturn]] bool refuse(std::uint8_t code) const {
    const std::string_view name = opcode_name(code);
    fail("pickle opcode " + (name.empty() ? "" : std::string(name) + " ") + "(" + hex(code) +
         ") is not among those that a state dict needs");
  }

  bool stop() {
    document_.root = pop();
    if (!stack_.empty() || !marks_.empty()) fail("the pickle ends with more than one value");
    return false;
  }

  bool check_protocol() {
    const int protocol = take<std::uint8_t>();
    if (protocol < 2 || protocol > 5) {
      fail("the pickle has protocol " + std::to_string(protocol) + ", expected 2 to 5");
    }
    return true;
  }

  // Frames only say how much to read at once.
  bool check_frame() {
    const auto size = take<std::uint64_t>();
    if (size > bytes_.size() - position_) {
      fail("a frame has " + std::to_string(size) + " bytes, but only " +
           std::to_string(bytes_.size() - position_) + " follow");
    }
    return true;
  }

  bool push_global(std::string_view module, std::string_view name) {
    for (std::size_t i = 0; i < kKnown.size(); ++i) {
      if (kKnown[i].module == module && kKnown[i].name == name) {
        return push({Kind::kGlobal, static_cast<std::int64_t>(i)});
      }
    }
    fail("the pickle refers to " + in_quotes(std::string(module).append(".").append(name)) +
         ", which is not among what a state dict of plain tensors needs; nothing is ever executed. "
         "Save the state dict alone: torch.save(model.state_dict(), path)");
  }

  bool reduce() {
    const PickleValue arguments = pop();
    const KnownGlobal& function = known(pop());
    const Values& items = container(arguments, Kind::kTuple, "a tuple of arguments");
    switch (function.known) {
      case Known::kOrderedDict:
        if (!items.empty()) fail("OrderedDict has arguments, expected none");
        return push_container(Kind::kDict, {});
      case Known::kRebuildTensor:
        return push_tensor(items);
      case Known::kRebuildParameter:
        if (items.size() != 3 || items[0].kind != Kind::kTensor) {
          fail("_rebuild_parameter has other arguments than a tensor and two more");
        }
        return push(items[0]);
      default:
        fail("the storage class " + in_quotes(function.name) + " is called");
    }
  }

  // The only state there is to set: the versions of the modules that a state dict came from.
  bool build() {
    const PickleValue state = pop();
    container(top(), Kind::kDict, "an OrderedDict before BUILD");
    const Values& items = container(state, Kind::kDict, "a dict for BUILD");
    if (items.size() != 2 || text(items[0], "a key for BUILD") != "_metadata") {
      fail("BUILD sets other state than the '_metadata' of a state dict");
    }
    return true;
  }

  // ('storage', class, key, device, number of elements)
  bool push_storage() {
    const PickleValue id = pop();
    const Values& items = container(id, Kind::kTuple, "a tuple as persistent id");
    if (items.size() != 5 || text(items[0], "a text in the persistent id") != "storage") {
      fail("a persistent id is not that of a storage: ('storage', class, key, device, size)");
    }
    const KnownGlobal& type = known(items[1]);
    if (type.known != Known::kStorageClass) {
      fail(in_quotes(type.name) + " stands where a storage class is expected");
    }
    StorageReference storage{text(items[2], "the key of a storage"), type.type,
                             whole(items[4], "the size of a storage")};
    return push_object(document_.storages, Kind::kStorage, std::move(storage));
  }

  // (storage, offset, shape, strides, requires_grad, hooks[, metadata])
  bool push_tensor(const Values& items) {
    if ((items.size() != 6 && items.size() != 7) || items[0].kind != Kind::kStorage) {
      fail("_rebuild_tensor_v2 has other arguments than a storage and five or six more");
    }
    const bool plain = items.size() == 6 || items[6].kind == Kind::kNone ||
                       (items[6].kind == Kind::kDict && document_.items(items[6]).empty());
    if (!plain) fail("a tensor has metadata (a conjugated or negated view), which is not read");
    TensorReference tensor{
        document_.storages[items[0].integer], whole(items[1], "the offset of a tensor"),
        sizes(items[2], "the shape of a tensor"), sizes(items[3], "the strides of a tensor")};
    if (tensor.shape.size() != tensor.strides.size()) {
      fail("a tensor has " + std::to_string(tensor.shape.size()) + " sizes and " +
           std::to_string(tensor.strides.size()) + " strides");
    }
    return push_object(document_.tensors, Kind::kTensor, std::move(tensor));
  }

  std::vector<std::int64_t> sizes(const PickleValue& value, const char* what) {
    const Values& items = container(value, Kind::kTuple, what);
    budget_.take(items.size() * sizeof(std::int64_t), at_);
    std::vector<std::int64_t> numbers;
    for (const PickleValue& item : items) numbers.push_back(whole(item, what));
    return numbers;
  }

  std::int64_t whole(const PickleValue& value, const char* what) const {
    if (value.kind != Kind::kInteger || value.integer < 0) {
      fail(std::string(what) + " is not a whole number >= 0");
    }
    return value.integer;
  }

  std::string_view text(const PickleValue& value, const char* what) const {
    if (value.kind != Kind::kText) fail(std::string("expected ") + what + ", found something else");
    return document_.text(value);
  }

  const KnownGlobal& known(const PickleValue& value) const {
    if (value.kind != Kind::kGlobal) {
      fail("something is called or named as a class that is neither a function nor a class");
    }
    return kKnown[static_cast<std::size_t>(value.integer)];
  }

  Values& container(const PickleValue& value, Kind kind, const char* what) {
    if (value.kind != kind) fail(std::string("expected ") + what + ", found something else");
    return document_.containers[static_cast<std::size_t>(value.integer)];
  }

  template <class Object>
  bool push_object(std::deque<Object>& objects, Kind kind, Object object) {
    budget_.take(2 * sizeof(Object), at_);
    objects.push_back(std::move(object));
    return push({kind, static_cast<std::int64_t>(objects.size()) - 1});
  }

  bool push_container(Kind kind, Values items) {
    return push_object(document_.containers, kind, std::move(items));
  }

  bool push_text(std::uint64_t size) {
    return push_object(document_.texts, Kind::kText, take_text(size));
  }

  bool extend(Kind kind, const Values& items) {
    Values& target = container(top(), kind, kind == Kind::kDict ? "a dict" : "a list");
    if (kind == Kind::kDict && items.size() % 2 != 0) fail("a dict gets a key without a value");
    budget_.take(items.size() * kValueCost, at_);
    target.insert(target.end(), items.begin(), items.end());
    return true;
  }

  bool put(std::uint64_t number) {
    budget_.take(kMemoCost, at_);
    memo_[number] = top();
    return true;
  }

  bool get(std::uint64_t number) {
    const auto found = memo_.find(number);
    if (found == memo_.end()) fail("nothing was remembered as number " + std::to_string(number));
    return push(found->second);
  }

  bool push(PickleValue value) {
    budget_.take(kValueCost, at_);
    stack_.push_back(value);
    return true;
  }

  std::size_t bottom() const { return marks_.empty() ? 0 : marks_.back(); }

  const PickleValue& top() const {
    if (stack_.size() == bottom()) fail("the pickle takes a value where there is none");
    return stack_.back();
  }

  PickleValue pop() {
    const PickleValue value = top();
    stack_.pop_back();
    return value;
  }

  Values pop_last(std::size_t count) {
    if (stack_.size() - bottom() < count) fail("the pickle takes a value where there is none");
    return cut(stack_.size() - count);
  }

  Values pop_to_mark() {
    if (marks_.empty()) fail("the pickle goes back to a mark where there is none");
    const std::size_t first = marks_.back();
    marks_.pop_back();
    return cut(first);
  }

  Values cut(std::size_t first) {
    const auto from = stack_.begin() + static_cast<std::ptrdiff_t>(first);
    Values values(from, stack_.end());
    stack_.erase(from, stack_.end());
    return values;
  }

  template <class Integer>
  Integer take() {
    Integer value;
    const std::string_view text = take_text(sizeof(value));
    std::memcpy(&value, text.data(), sizeof(value));
    return value;
  }

  // Two's complement, little-endian, any length.
  std::int64_t take_long() {
    const std::string_view digits = take_text(take<std::uint8_t>());
    if (digits.size() > sizeof(std::int64_t)) {
      fail("a whole number has " + std::to_string(digits.size()) + " bytes, expected at most 8");
    }
    const bool negative = !digits.empty() && (digits.back() & 0x80) != 0;
    std::int64_t value = negative ? -1 : 0;
    std::memcpy(&value, digits.data(), digits.size());
    return value;
  }

  std::string_view take_text(std::uint64_t size) {
    if (size > bytes_.size() - position_) {
      fail("the pickle ends within this opcode, or before its end (STOP)");
    }
    const char* begin = reinterpret_cast<const char*>(bytes_.data()) + position_;
    position_ += size;
    return {begin, size};
  }

  std::string_view take_line() {
    const std::string_view rest(reinterpret_cast<const char*>(bytes_.data()) + position_,
                                std::min(bytes_.size() - position_, kLongestGlobal));
    const std::size_t length = rest.find('\n');
    if (length == std::string_view::npos) fail("the name of a function or class does not end");
    position_ += length + 1;
    return rest.substr(0, length);
  }

  [[noreturn]] void fail(const std::string& message) const {
    throw FormatError(file_, at_, message);
  }

  std::span<const std::byte> bytes_;
  const std::string& file_;
  MemoryBudget& budget_;
  PickleDocument document_;
  Values stack_;
  std::vector<std::size_t> marks_;  // heights of the stack
  std::map<std::uint64_t, PickleValue> memo_;
  std::size_t position_ = 0;
  std::size_t at_ = 0;  // where the current opcode begins
};

}  // namespace

PickleDocument read_pickle(std::span<const std::byte> bytes, const std::string& file,
                           MemoryBudget& budget) {
  return Reader(bytes, file, budget).read();
}

}  // namespace trispike::interop
