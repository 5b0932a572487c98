package dev.credence.hub.chat;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/** What the language's values do. What differs between Java and Python in ways that cannot be mended is refused. */
final class Values {
    private Values() {}

    static boolean isTrue(Object value) {
        if (value instanceof Boolean flag) {
            return flag;
        } else if (value instanceof String text) {
            return !text.isEmpty();
        } else if (value instanceof Number number) {
            return number.doubleValue() != 0;
        } else if (value instanceof List<?> list) {
            return !list.isEmpty();
        } else if (value instanceof Map<?, ?> map) {
            return !map.isEmpty();
        }
        return !(value instanceof Absent);
    }

    /** As it is printed. */
    static String printed(Object value) {
        if (value instanceof String || value instanceof Long) {
            return value.toString();
        } else if (value instanceof Boolean flag) {
            return flag ? "True" : "False";
        } else if (value == Absent.NONE) {
            return "None";
        } else if (value == Absent.UNDEFINED) {
            return "";
        }
        throw new TemplateException("printing " + kind(value) + " is not supported");
    }

    /** What a value is, in words. */
    static String kind(Object value) {
        if (value instanceof String) {
            return "a text";
        } else if (value instanceof Long || value instanceof Double) {
            return "a number";
        } else if (value instanceof Boolean) {
            return "true or false";
        } else if (value instanceof List) {
            return "a list";
        } else if (value instanceof Map) {
            return "a mapping";
        }
        return value == Absent.NONE ? "none" : value == Absent.UNDEFINED ? "an undefined value" : "a function";
    }

    /** Whole numbers from the first bound (0) to the one before the second, by the third (1). */
    static List<Object> range(List<Object> bounds, Work work) {
        if (bounds.isEmpty() || bounds.size() > 3) {
            throw new TemplateException("'range' takes one to three numbers, not " + bounds.size());
        }
        long from = bounds.size() > 1 ? integer(bounds.get(0)) : 0;
        long to = integer(bounds.get(bounds.size() > 1 ? 1 : 0));
        long by = bounds.size() > 2 ? integer(bounds.get(2)) : 1;
        if (by == 0) {
            throw new TemplateException("'range' by 0 has no end");
        }
        List<Object> numbers = new ArrayList<>();
        for (long i = from; by > 0 ? i < to : i > to; i += by) {
            work.steps(1);
            numbers.add(i);
            if (by > 0 ? i > to - by : i < to - by) {
                break; // the next one may be no long
            }
        }
        return numbers;
    }

    /** What a loop goes over. */
    static List<Object> items(Object value) {
        if (value instanceof List<?> list) {
            return new ArrayList<>(list);
        } else if (value instanceof Map<?, ?> map) {
            return new ArrayList<>(map.keySet());
        } else if (value instanceof String text) {
            return new ArrayList<>(characters(text));
        } else if (value == Absent.UNDEFINED) {
            return new ArrayList<>();
        }
        throw new TemplateException("a loop over " + kind(value) + " is not possible");
    }

    static List<String> characters(String text) {
        return text.codePoints().mapToObj(Character::toString).toList();
    }

    static Object field(Object owner, String name) {
        if (owner instanceof Namespace namespace) {
            return namespace.get(name);
        } else if (owner instanceof Map<?, ?> map) {
            return Objects.requireNonNullElse(map.get(name), Absent.UNDEFINED);
        } else if (owner == Absent.UNDEFINED) {
            throw new TemplateException("it asks for '" + name + "' of an undefined value");
        }
        return Absent.UNDEFINED;
    }

    static Object item(Object owner, Object key) {
        if (key instanceof Long index && (owner instanceof List || owner instanceof String)) {
            List<?> all = owner instanceof List<?> list ? list : items(owner);
            long at = index < 0 ? index + all.size() : index;
            return at >= 0 && at < all.size() ? all.get((int) at) : Absent.UNDEFINED;
        } else if (key instanceof String name) {
            return field(owner, name);
        } else if (owner instanceof Map<?, ?> map) {
            checkKey(key);
            return Objects.requireNonNullElse(map.get(key), Absent.UNDEFINED);
        }
        throw new TemplateException("an item of " + kind(owner) + " by " + kind(key) + " is not supported");
    }

    static Object slice(Object owner, Object from, Object to, Object step) {
        List<Object> all = items(owner);
        long by = step == Absent.NONE ? 1 : integer(step);
        if (by == 0 || owner instanceof Map || owner instanceof Absent) {
            throw new TemplateException("a slice of " + kind(owner) + " by " + by + " is not possible");
        }
        long least = by > 0 ? 0 : -1;
        long most = by > 0 ? all.size() : all.size() - 1L;
        long start = from == Absent.NONE ? (by > 0 ? least : most) : clip(from, all.size(), least, most);
        long stop = to == Absent.NONE ? (by > 0 ? most : least) : clip(to, all.size(), least, most);
        List<Object> part = new ArrayList<>();
        for (long i = start; by > 0 ? i < stop : i > stop; i += by) {
            part.add(all.get((int) i));
        }
        if (owner instanceof String) {
            StringBuilder text = new StringBuilder();
            part.forEach(text::append);
            return text.toString();
        }
        return part;
    }

    private static long clip(Object bound, int size, long least, long most) {
        long index = integer(bound);
        return Math.max(least, Math.min(most, index < 0 ? index + size : index));
    }

    static long integer(Object value) {
        if (value instanceof Long number) {
            return number;
        } else if (value instanceof Boolean flag) {
            return flag ? 1 : 0;
        }
        throw new TemplateException(kind(value) + " stands where a whole number is expected");
    }

    /** Whether a key of a mapping is one that the language takes. */
    static void checkKey(Object key) {
        if (key instanceof List || key instanceof Map) {
            throw new TemplateException(kind(key) + " as a key of a mapping is not possible");
        }
    }

    static boolean areEqual(Object a, Object b, Work work) {
        work.steps(1);
        if (a instanceof Number x && b instanceof Number y) {
            return x.doubleValue() == y.doubleValue();
        } else if (a instanceof Boolean flag && b instanceof Number y) {
            return (flag ? 1 : 0) == y.doubleValue();
        } else if (b instanceof Boolean && a instanceof Number) {
            return areEqual(b, a, work);
        } else if (a instanceof List<?> x && b instanceof List<?> y) {
            boolean same = x.size() == y.size();
            for (int i = 0; same && i < x.size(); i++) {
                same = areEqual(x.get(i), y.get(i), work);
            }
            return same;
        } else if (a instanceof Map<?, ?> x && b instanceof Map<?, ?> y) {
            boolean same = x.size() == y.size();
            for (Map.Entry<?, ?> entry : x.entrySet()) {
                Object other = same ? y.get(entry.getKey()) : null;
                same = other != null && areEqual(entry.getValue(), other, work);
            }
            return same;
        }
        return a.equals(b);
    }

    static boolean compare(String sign, Object a, Object b, Work work) {
        if (sign.equals("==") || sign.equals("!=")) {
            return areEqual(a, b, work) == sign.equals("==");
        }
        int order;
        if (a instanceof Number x && b instanceof Number y) {
            order = Double.compare(x.doubleValue(), y.doubleValue());
        } else if (a instanceof String x && b instanceof String y) {
            order = x.compareTo(y);
        } else {
            throw new TemplateException("'" + sign + "' between " + kind(a) + " and " + kind(b) + " is not supported");
        }
        return switch (sign) {
            case "<" -> order < 0;
            case "<=" -> order <= 0;
            case ">" -> order > 0;
            default -> order >= 0;
        };
    }

    static boolean contains(Object owner, Object value, Work work) {
        work.size(owner);
        if (owner instanceof String text) {
            if (value instanceof String part) {
                return text.contains(part);
            }
            throw new TemplateException("looking for " + kind(value) + " in a text is not supported");
        } else if (owner instanceof Map<?, ?> map) {
            checkKey(value);
            return map.containsKey(value);
        } else if (owner instanceof List<?> list) {
            return list.stream().anyMatch(item -> areEqual(item, value, work));
        } else if (owner == Absent.UNDEFINED) {
            return false;
        }
        throw new TemplateException("'in' " + kind(owner) + " is not supported");
    }

    static Object plus(Object a, Object b) {
        if (a instanceof String && b instanceof String) {
            return a.toString() + b;
        } else if (a instanceof List<?> first && b instanceof List<?> second) {
            List<Object> both = new ArrayList<>(first);
            both.addAll(second);
            return both;
        }
        return arithmetic("+", a, b);
    }

    static Object arithmetic(String sign, Object a, Object b) {
        if (!(a instanceof Long x && b instanceof Long y)) {
            throw new TemplateException("'" + sign + "' between " + kind(a) + " and " + kind(b) + " is not supported");
        }
        try {
            return switch (sign) {
                case "+" -> Math.addExact(x, y);
                case "-" -> Math.subtractExact(x, y);
                case "*" -> Math.multiplyExact(x, y);
                case "//" -> Math.floorDiv(x, y);
                case "%" -> Math.floorMod(x, y);
                default -> throw new TemplateException("'" + sign + "' between numbers is not supported");
            };
        } catch (ArithmeticException e) {
            throw new TemplateException(
                    x + " " + sign + " " + y + (y == 0 ? " divides by zero" : " is too large a number"));
        }
    }

    /** Whether one number is a multiple of another, which is not 0. */
    static boolean isMultiple(long x, long of) {
        return arithmetic("%", x, of).equals(0L);
    }
}
