package dev.credence.core;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Objects;

/**
 * The reference vectors: read from {@code ../shared/reference/vectors.json} where that is there, else from the copy in
 * the test resources ({@link VectorsTest} holds the two equal).
 *
 * <p>A test names each key it consumes <em>in full, as one string literal</em> ({@code "T1.beta2"}, never
 * {@code "T1.beta" + b}): {@link VectorsTest} scans the test sources for them and keeps the list of those not consumed yet.
 */
public final class Vectors {
    /** Half a unit of the eighth decimal, what most vectors are printed with (and a rounding error more). */
    public static final double TOLERANCE = 5.000001e-9;

    /** Tolerance for closed forms that a test computes itself. */
    public static final double EXACT = 1e-9;

    private static final JsonNode ROOT = read();

    private Vectors() {}

    /**
     * One vector.
     *
     * @param key its full key
     * @return its value: a number, an array or an object
     */
    public static JsonNode get(String key) {
        JsonNode value = ROOT.get(key);
        if (value == null) {
            throw new IllegalArgumentException("vector '" + key + "' is not in vectors.json");
        }
        return value;
    }

    /**
     * A vector, or a field of it, that is one number.
     *
     * @param key its full key
     * @param fields path below it
     * @return the number
     */
    public static double number(String key, String... fields) {
        JsonNode node = at(key, fields);
        if (!node.isNumber()) {
            throw new IllegalArgumentException("vector '" + key + "' " + List.of(fields) + " is not a number: " + node);
        }
        return node.doubleValue();
    }

    /**
     * A vector, or a field of it, that is an array of numbers.
     *
     * @param key its full key
     * @param fields path below it
     * @return the numbers
     */
    public static double[] numbers(String key, String... fields) {
        JsonNode node = at(key, fields);
        if (!node.isArray()) {
            throw new IllegalArgumentException("vector '" + key + "' " + List.of(fields) + " is not an array: " + node);
        }
        double[] numbers = new double[node.size()];
        for (int i = 0; i < numbers.length; i++) {
            numbers[i] = node.get(i).doubleValue();
        }
        return numbers;
    }

    /** {@return every key, in the file's order} */
    public static List<String> keys() {
        List<String> keys = new ArrayList<>();
        ROOT.fieldNames().forEachRemaining(keys::add);
        return keys;
    }

    /**
     * Asserts that a figure is the vector's, within {@link #TOLERANCE}.
     *
     * @param actual what was computed
     * @param key the vector's full key
     * @param fields path below it
     */
    public static void assertVector(double actual, String key, String... fields) {
        assertThat(actual).as(key + " " + List.of(fields)).isCloseTo(number(key, fields), within(TOLERANCE));
    }

    /**
     * Asserts that an array is the vector's, each entry within {@link #TOLERANCE}.
     *
     * @param actual what was computed
     * @param key the vector's full key
     * @param fields path below it
     */
    public static void assertVector(double[] actual, String key, String... fields) {
        assertThat(actual).as(key + " " + List.of(fields)).containsExactly(numbers(key, fields), within(TOLERANCE));
    }

    /**
     * Asserts that a figure is the vector's within half a unit of its sixth significant digit; for the few that are
     * printed with fewer than eight decimals.
     *
     * @param actual what was computed
     * @param key the vector's full key
     * @param fields path below it
     */
    public static void assertSixDigits(double actual, String key, String... fields) {
        double expected = number(key, fields);
        double unit = Math.pow(10, Math.floor(Math.log10(Math.abs(expected))) - 5);
        assertThat(actual)
                .as(String.format(Locale.ROOT, "%s %s", key, List.of(fields)))
                .isCloseTo(expected, within(Math.max(TOLERANCE, 0.5 * unit)));
    }

    /** {@return the copy of vectors.json in the test resources} */
    static JsonNode copy() {
        try (InputStream in = Vectors.class.getResourceAsStream("/dev/credence/core/vectors.json")) {
            return new ObjectMapper()
                    .readTree(Objects.requireNonNull(in, "vectors.json is not on the test class path"));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** {@return where the original is, seen from a module's folder or from the reactor's; it need not be there} */
    static Path original() {
        Path file = Path.of("shared", "reference", "vectors.json");
        Path fromModule = Path.of("..", "..").resolve(file);
        return Files.isRegularFile(fromModule) ? fromModule : Path.of("..").resolve(file);
    }

    private static JsonNode read() {
        Path original = original();
        if (!Files.isRegularFile(original)) {
            return copy();
        }
        try {
            return new ObjectMapper().readTree(original.toFile());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static JsonNode at(String key, String... fields) {
        JsonNode node = get(key);
        for (String field : fields) {
            node = node.get(field);
            if (node == null) {
                throw new IllegalArgumentException("vector '" + key + "' has no field '" + field + "'");
            }
        }
        return node;
    }
}
