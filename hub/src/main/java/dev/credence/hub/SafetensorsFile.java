package dev.credence.hub;

import com.fasterxml.jackson.databind.JsonNode;
import dev.credence.core.provenance.InputException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * A safetensors file: a length, a JSON header of names, types, shapes and offsets, then the numbers. The header is kept as
 * it was, so that what is saved again differs in nothing but what was trained.
 */
final class SafetensorsFile {
    private static final int MAX_HEADER = 100_000_000;

    private final Path path;
    private final byte[] header;
    private final Map<String, Entry> entries;

    private SafetensorsFile(Path path, byte[] header, Map<String, Entry> entries) {
        this.path = path;
        this.header = header;
        this.entries = entries;
    }

    /**
     * One tensor.
     *
     * @param type its type in the file's words, such as BF16
     * @param shape its sizes
     * @param begin first byte behind the header
     * @param end one past its last byte
     */
    record Entry(String type, long[] shape, long begin, long end) {}

    /** Reads the header and checks that the file is as long as it says. */
    static SafetensorsFile open(Path path) {
        try (FileChannel channel = FileChannel.open(path, StandardOpenOption.READ)) {
            long size = channel.size();
            ByteBuffer length = ByteBuffer.allocate(Long.BYTES).order(ByteOrder.LITTLE_ENDIAN);
            fill(channel, 0, length, path);
            long headerLength = length.getLong(0);
            if (!(headerLength > 0 && headerLength <= Math.min(MAX_HEADER, size - Long.BYTES))) {
                throw bad(
                        path,
                        "",
                        "a header of " + headerLength + " bytes in a file of " + size,
                        "not safetensors, or cut");
            }
            ByteBuffer header = ByteBuffer.allocate((int) headerLength);
            fill(channel, Long.BYTES, header, path);
            Map<String, Entry> entries = entries(JsonFile.parse(path.toString(), header.array()), path);
            SafetensorsFile file = new SafetensorsFile(path, header.array(), entries);
            file.checkLength(size);
            return file;
        } catch (IOException e) {
            throw new UncheckedIOException("cannot read " + path, e);
        }
    }

    Path path() {
        return path;
    }

    Map<String, Entry> entries() {
        return entries;
    }

    /** The file's beginning: length and header. */
    ByteBuffer preamble() {
        ByteBuffer bytes = ByteBuffer.allocate(Long.BYTES + header.length).order(ByteOrder.LITTLE_ENDIAN);
        return bytes.putLong(header.length).put(header).flip();
    }

    /** Fills a buffer with bytes of a tensor. */
    void read(Entry entry, long from, ByteBuffer into) {
        try (FileChannel channel = FileChannel.open(path, StandardOpenOption.READ)) {
            fill(channel, offset(entry) + from, into, path);
        } catch (IOException e) {
            throw new UncheckedIOException("cannot read " + path, e);
        }
    }

    /** Where a tensor's first byte is in the file. */
    long offset(Entry entry) {
        return Long.BYTES + header.length + entry.begin;
    }

    private void checkLength(long size) {
        long data = size - Long.BYTES - header.length;
        checkPlaces();
        entries.forEach((name, entry) -> {
            if (!(entry.end <= data)) {
                throw bad(
                        path,
                        name,
                        "of bytes " + entry.begin + " to " + entry.end,
                        "the file holds " + data + ": it is truncated");
            }
        });
    }

    /** No byte is two tensors'. Bytes that are none's are no matter: nothing is computed of them. */
    private void checkPlaces() {
        List<Map.Entry<String, Entry>> inOrder = new ArrayList<>(entries.entrySet());
        inOrder.sort(Comparator.comparingLong(each -> each.getValue().begin));
        String last = "";
        long at = 0;
        for (Map.Entry<String, Entry> each : inOrder) {
            Entry entry = each.getValue();
            if (entry.begin < entry.end && entry.begin < at) {
                throw bad(
                        path,
                        each.getKey(),
                        "of bytes " + entry.begin + " to " + entry.end,
                        "those up to " + at + " are '" + last + "': no byte may be two tensors'");
            }
            if (entry.end > at) {
                at = entry.end;
                last = each.getKey();
            }
        }
    }

    private static Map<String, Entry> entries(JsonFile header, Path path) {
        Map<String, Entry> entries = new LinkedHashMap<>();
        header.root().properties().forEach(field -> {
            if (!field.getKey().equals("__metadata__")) {
                entries.put(field.getKey(), entry(field.getKey(), field.getValue(), path));
            }
        });
        return entries;
    }

    private static Entry entry(String name, JsonNode node, Path path) {
        long[] shape = longs(node.path("shape"));
        long[] offsets = longs(node.path("data_offsets"));
        String type = node.path("dtype").asText();
        if (offsets.length != 2 || !(offsets[0] >= 0 && offsets[0] <= offsets[1])) {
            throw bad(path, name, "at offsets " + node.path("data_offsets"), "they must be two, in order");
        }
        int bits = bits(type);
        if (!fits(shape, bits, offsets[1] - offsets[0])) {
            throw bad(
                    path,
                    name,
                    type + " of shape " + Arrays.toString(shape) + " in " + (offsets[1] - offsets[0]) + " bytes",
                    "they do not agree");
        }
        return new Entry(type, shape, offsets[0], offsets[1]);
    }

    /** Whether numbers of so many bits (0: unknown) take so many bytes. */
    private static boolean fits(long[] shape, int bits, long bytes) {
        try {
            long numbers = Arrays.stream(shape).reduce(1, Math::multiplyExact);
            boolean isShape = Arrays.stream(shape).allMatch(size -> size >= 0);
            return isShape && (bits == 0 || Math.multiplyExact(numbers, bits) == Math.multiplyExact(8L, bytes));
        } catch (ArithmeticException e) {
            return false; // more numbers than a file can hold
        }
    }

    /** Bits of a number; 0 for types unknown here, which only pass through. */
    private static int bits(String type) {
        return switch (type) {
            case "F64", "I64", "U64" -> 64;
            case "F32", "I32", "U32" -> 32;
            case "F16", "BF16", "I16", "U16" -> 16;
            case "BOOL", "U8", "I8" -> 8;
            default -> 0;
        };
    }

    private static long[] longs(JsonNode array) {
        long[] values = new long[array.size()];
        for (int i = 0; i < values.length; i++) {
            values[i] = array.get(i).asLong(-1);
        }
        return values;
    }

    private static void fill(FileChannel channel, long position, ByteBuffer into, Path path) throws IOException {
        long at = position;
        while (into.hasRemaining()) {
            int read = channel.read(into, at);
            if (read < 0) {
                throw bad(path, "", "ends at byte " + at, "more were announced: it is truncated");
            }
            at += read;
        }
    }

    private static InputException bad(Path path, String tensor, String value, String rule) {
        return new InputException(path.toString(), 0, tensor, value, rule);
    }
}
