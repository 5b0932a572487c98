package dev.credence.data.json;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** The same document has the same bytes in every process. */
class JsonTest {
    private static String line(Map<String, @Nullable Object> document) throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        Json.writeLine(document, out);
        return out.toString(StandardCharsets.UTF_8);
    }

    @Test
    void aMapWithoutAnOrderIsWrittenInThatOfItsKeys() throws IOException {
        Map<String, Object> unordered =
                Map.of("f", 6, "b", 2, "e", 5, "a", Map.of("z", 1, "y", 2, "x", 3), "c", 3, "d", 4);
        assertThat(line(new LinkedHashMap<>(Map.of("only", unordered))))
                .isEqualTo("{\"only\":{\"a\":{\"x\":3,\"y\":2,\"z\":1},\"b\":2,\"c\":3,\"d\":4,\"e\":5,\"f\":6}}\n");
    }

    @Test
    void othersKeepTheirs() throws IOException {
        Map<String, @Nullable Object> document = new LinkedHashMap<>();
        document.put("second", 2);
        document.put("first", null);
        assertThat(line(document)).isEqualTo("{\"second\":2,\"first\":null}\n");
    }
}
