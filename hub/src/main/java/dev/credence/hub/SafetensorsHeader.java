package dev.credence.hub;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.Map;

/** How a safetensors file of single-precision tensors begins that is written anew ({@link SafetensorsFile} reads them). */
final class SafetensorsHeader {
    private static final ObjectMapper MAPPER = new ObjectMapper();
    private static final int ALIGNMENT = 8; // the header's length, so that numbers begin on one

    private SafetensorsHeader() {}

    /**
     * Length and header, padded.
     *
     * @param shapes by name, in the order in which the numbers follow
     */
    static ByteBuffer of(Map<String, long[]> shapes) throws JsonProcessingException {
        ObjectNode header = MAPPER.createObjectNode();
        header.putObject("__metadata__").put("format", "pt");
        long at = 0;
        for (Map.Entry<String, long[]> tensor : shapes.entrySet()) {
            ObjectNode entry = header.putObject(tensor.getKey()).put("dtype", "F32");
            Arrays.stream(tensor.getValue()).forEach(entry.withArray("shape")::add);
            long end = at + Arrays.stream(tensor.getValue()).reduce(Float.BYTES, Math::multiplyExact);
            entry.putArray("data_offsets").add(at).add(end);
            at = end;
        }
        byte[] text = MAPPER.writeValueAsBytes(header);
        int length = (text.length + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
        ByteBuffer bytes = ByteBuffer.allocate(Long.BYTES + length).order(ByteOrder.LITTLE_ENDIAN);
        bytes.putLong(length).put(text);
        while (bytes.hasRemaining()) {
            bytes.put((byte) ' ');
        }
        return bytes.flip();
    }
}
