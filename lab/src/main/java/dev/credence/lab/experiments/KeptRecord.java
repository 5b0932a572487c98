package dev.credence.lab.experiments;

import dev.credence.lab.runs.Listener;
import java.lang.reflect.Constructor;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.RecordComponent;
import java.lang.reflect.Type;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import java.util.stream.DoubleStream;
import org.jspecify.annotations.Nullable;

/**
 * A part of a run that is a record: written as numbers in the order of its components, so that {@link Listener#part} keeps it to the
 * last bit. Components are numbers, truth values, texts, arrays of numbers, records of these, lists of them and maps by text.
 */
final class KeptRecord {
    private static final long WHOLE = 1L << 53; // up to which a double is exact

    private final double[] numbers;
    private int at;

    private KeptRecord(double[] numbers) {
        this.numbers = numbers;
    }

    /**
     * A part, done now or kept from a run that was killed.
     *
     * @param listener keeps parts, or does not
     * @param name of the part, no other's
     * @param type of what it comes to
     * @param work the part; depends on its name and the settings alone
     * @return what it came to
     */
    static <T extends Record> T part(Listener listener, String name, Class<T> type, Supplier<T> work) {
        return of(type, listener.part(name, () -> numbers(type, work.get())));
    }

    /** {@return a record as numbers} */
    static <T extends Record> double[] numbers(Class<T> type, T value) {
        DoubleStream.Builder numbers = DoubleStream.builder();
        write(type, value, numbers);
        return numbers.build().toArray();
    }

    /**
     * The record that numbers stand for.
     *
     * @param type of it
     * @param numbers of {@link #numbers}
     * @return the record
     * @throws IllegalArgumentException if they are not those of such a record
     */
    static <T extends Record> T of(Class<T> type, double[] numbers) {
        KeptRecord kept = new KeptRecord(numbers);
        T value = type.cast(kept.read(type));
        if (value == null || kept.at != numbers.length) {
            throw new IllegalArgumentException(numbers.length + " numbers are no " + type.getSimpleName());
        }
        return value;
    }

    private static void write(Type type, @Nullable Object value, DoubleStream.Builder to) {
        if (!(type instanceof Class<?> own && own.isPrimitive())) {
            to.add(value == null ? 0 : 1);
        }
        if (value == null) {
            return;
        }
        if (value instanceof Boolean truth) {
            to.add(truth ? 1 : 0);
        } else if (value instanceof Long whole && Math.abs(whole) > WHOLE) {
            throw new IllegalArgumentException("value is " + whole + "; whole numbers are kept up to 2^53");
        } else if (value instanceof Integer || value instanceof Long || value instanceof Double) {
            to.add(((Number) value).doubleValue());
        } else if (value instanceof String text) {
            to.add(text.length());
            text.chars().forEach(to::add);
        } else if (value instanceof double[] array) {
            to.add(array.length);
            Arrays.stream(array).forEach(to::add);
        } else if (value instanceof List<?> list) {
            to.add(list.size());
            list.forEach(each -> write(argument(type, 0), each, to));
        } else if (value instanceof Map<?, ?> map) {
            to.add(map.size());
            map.forEach((key, each) -> {
                write(String.class, key, to);
                write(argument(type, 1), each, to);
            });
        } else if (value instanceof Record) {
            for (RecordComponent component : value.getClass().getRecordComponents()) {
                write(component.getGenericType(), component(component, value), to);
            }
        } else {
            throw new IllegalArgumentException("type is " + type.getTypeName() + "; it cannot be kept");
        }
    }

    private @Nullable Object read(Type type) {
        if (!(type instanceof Class<?> own && own.isPrimitive()) && next() == 0) {
            return null;
        }
        if (type instanceof ParameterizedType generic) {
            int size = (int) next();
            if (generic.getRawType() == List.class) {
                List<@Nullable Object> list = new ArrayList<>();
                for (int i = 0; i < size; i++) {
                    list.add(read(argument(type, 0)));
                }
                return list;
            }
            Map<String, @Nullable Object> map = new LinkedHashMap<>();
            for (int i = 0; i < size; i++) {
                String key = String.valueOf(read(String.class));
                map.put(key, read(argument(type, 1)));
            }
            return map;
        }
        if (type == boolean.class || type == Boolean.class) {
            return next() != 0;
        }
        if (type == int.class || type == Integer.class) {
            return (int) next();
        }
        if (type == long.class || type == Long.class) {
            return (long) next();
        }
        if (type == double.class || type == Double.class) {
            return next();
        }
        if (type == String.class) {
            StringBuilder text = new StringBuilder();
            for (int left = (int) next(); left > 0; left--) {
                text.append((char) next());
            }
            return text.toString();
        }
        if (type == double[].class) {
            double[] array = new double[(int) next()];
            Arrays.setAll(array, i -> next());
            return array;
        }
        return record((Class<?>) type);
    }

    private double next() {
        if (at >= numbers.length) {
            throw new IllegalArgumentException("there are only " + numbers.length + " numbers; a record has more");
        }
        return numbers[at++];
    }

    private Object record(Class<?> type) {
        RecordComponent[] components = type.getRecordComponents();
        if (components == null) {
            throw new IllegalArgumentException("type is " + type.getName() + "; it cannot be kept");
        }
        @Nullable Object[] values = new @Nullable Object[components.length];
        Class<?>[] types = new Class<?>[components.length];
        for (int i = 0; i < components.length; i++) {
            types[i] = components[i].getType();
            values[i] = read(components[i].getGenericType());
        }
        try {
            Constructor<?> canonical = type.getDeclaredConstructor(types);
            canonical.setAccessible(true);
            return canonical.newInstance(values);
        } catch (NoSuchMethodException
                | InstantiationException
                | IllegalAccessException
                | InvocationTargetException e) {
            throw new IllegalStateException("a record without its own constructor: " + type.getName(), e);
        }
    }

    private static @Nullable Object component(RecordComponent component, Object of) {
        try {
            Method accessor = component.getAccessor();
            accessor.setAccessible(true);
            return accessor.invoke(of);
        } catch (IllegalAccessException | InvocationTargetException e) {
            throw new IllegalStateException("a record without its own component: " + component, e);
        }
    }

    private static Type argument(Type type, int index) {
        return ((ParameterizedType) type).getActualTypeArguments()[index];
    }
}
