package dev.credence.hub;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;

/** Changes to the header of a small safetensors file. */
final class Tensors {
    private static final ObjectMapper MAPPER = new ObjectMapper();

    private Tensors() {}

    /** Takes a tensor out of the header; its numbers stay where they were. */
    static void remove(Path file, String name) throws IOException {
        ObjectNode header = header(file);
        header.remove(name);
        write(file, header, new byte[0]);
    }

    /** Adds a tensor of float32 zeros. */
    static void add(Path file, String name, int... shape) throws IOException {
        ObjectNode header = header(file);
        long end = 0;
        for (var entry : header.properties()) {
            end = Math.max(end, entry.getValue().path("data_offsets").path(1).asLong());
        }
        int bytes = Arrays.stream(shape).reduce(Float.BYTES, Math::multiplyExact);
        ObjectNode entry = header.putObject(name).put("dtype", "F32");
        Arrays.stream(shape).forEach(entry.putArray("shape")::add);
        entry.putArray("data_offsets").add(end).add(end + bytes);
        write(file, header, new byte[bytes]);
    }

    private static ObjectNode header(Path file) throws IOException {
        ByteBuffer all = ByteBuffer.wrap(Files.readAllBytes(file)).order(ByteOrder.LITTLE_ENDIAN);
        int length = (int) all.getLong(0);
        return (ObjectNode) MAPPER.readTree(Arrays.copyOfRange(all.array(), Long.BYTES, Long.BYTES + length));
    }

    private static void write(Path file, ObjectNode header, byte[] more) throws IOException {
        byte[] old = Files.readAllBytes(file);
        int length = (int) ByteBuffer.wrap(old).order(ByteOrder.LITTLE_ENDIAN).getLong(0);
        byte[] text = MAPPER.writeValueAsBytes(header);
        int data = old.length - Long.BYTES - length;
        ByteBuffer all = ByteBuffer.allocate(Long.BYTES + text.length + data + more.length)
                .order(ByteOrder.LITTLE_ENDIAN);
        all.putLong(text.length).put(text).put(old, Long.BYTES + length, data).put(more);
        Files.write(file, all.array());
    }
}
