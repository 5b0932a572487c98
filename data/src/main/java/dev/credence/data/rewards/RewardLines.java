package dev.credence.data.rewards;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import java.io.IOException;
import java.io.OutputStream;
import java.util.List;

/** What is said to programs that compute rewards: a text a line as JSON, and back a number a line. */
final class RewardLines {
    private static final JsonFactory FACTORY = new JsonFactory();

    private RewardLines() {}

    static void write(List<? extends ScoredText> texts, OutputStream out) throws IOException {
        try (JsonGenerator json = FACTORY.createGenerator(out).disable(JsonGenerator.Feature.AUTO_CLOSE_TARGET)) {
            json.setRootValueSeparator(null);
            for (ScoredText text : texts) {
                json.writeStartObject();
                json.writeStringField("prompt", text.prompt());
                json.writeStringField("completion", text.completion());
                json.writeEndObject();
                json.writeRaw('\n');
            }
        }
    }

    static double[] read(List<String> lines, int wanted, String who) throws IOException {
        if (lines.size() != wanted) {
            throw new IOException(who + " gave " + lines.size() + " lines for " + wanted
                    + " texts; a reward is one number a line, in the order of the texts");
        }
        double[] values = new double[wanted];
        for (int i = 0; i < wanted; i++) {
            try {
                values[i] = Double.parseDouble(lines.get(i).trim());
            } catch (NumberFormatException e) {
                throw new IOException(
                        who + " gave '" + lines.get(i) + "' as line " + (i + 1) + "; a reward is one number a line", e);
            }
        }
        return values;
    }
}
