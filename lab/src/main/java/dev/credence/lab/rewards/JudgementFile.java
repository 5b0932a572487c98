package dev.credence.lab.rewards;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.credence.core.provenance.InputException;
import dev.credence.core.provenance.Provenance;
import dev.credence.data.rollouts.RawRecords;
import dev.credence.lab.models.FolderHash;
import dev.credence.methods.rewardmodel.Judgement;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Judgements of one kind as a file has them: JSON Lines (plain, gzip, zstd) or Parquet, a record each, with an optional
 * {@code weight}.
 *
 * @param kind what raters were asked for
 * @param judgements in the file's order, one at least
 * @param lines of the file that they stand in, from 1
 * @param input the file with its hash
 */
public record JudgementFile(JudgementKind kind, List<Judgement> judgements, List<Long> lines, Provenance.Input input) {
    /**
     * Copies the lists.
     *
     * @param kind as above
     * @param judgements as above
     * @param lines as above
     * @param input as above
     */
    public JudgementFile {
        judgements = List.copyOf(judgements);
        lines = List.copyOf(lines);
    }

    /**
     * An error in the record that a judgement came from.
     *
     * @param index of the judgement
     * @param value what is wrong
     * @param rule what it should be
     * @return the exception, to be thrown
     */
    InputException bad(int index, String value, String rule) {
        String field = kind == JudgementKind.PAIRS ? "chosen, rejected" : "completion";
        return new InputException(input.name(), lines.get(index), field, value, rule);
    }

    /**
     * Reads a file.
     *
     * @param file its name
     * @param kind of its judgements; null for what its first record says
     * @return what it holds
     * @throws IOException if reading fails
     * @throws InputException naming file, line, field, value and rule where a record breaks one
     */
    public static JudgementFile read(String file, @Nullable JudgementKind kind) throws IOException {
        List<Judgement> judgements = new ArrayList<>();
        List<Long> lines = new ArrayList<>();
        JudgementKind known = kind;
        try (RawRecords source = RawRecords.open(file, InputStream.nullInputStream())) {
            for (ObjectNode record = source.next(); record != null; record = source.next()) {
                if (known == null) {
                    known = kindOf(record, source);
                }
                judgements.add(judgement(known, record, source));
                lines.add(source.line());
            }
        }
        if (known == null || judgements.isEmpty()) {
            throw new InputException(file, 0, "", "no records", "there must be one judgement at least, a line each");
        }
        return new JudgementFile(known, judgements, lines, FolderHash.file(Path.of(file)));
    }

    private static JudgementKind kindOf(ObjectNode record, RawRecords source) {
        for (JudgementKind kind : JudgementKind.values()) {
            if (kind.marks().stream().allMatch(record::has)) {
                return kind;
            }
        }
        throw source.bad(
                "", "no judgement", "a record has chosen and rejected, or completion with approved or probability");
    }

    private static Judgement judgement(JudgementKind kind, ObjectNode record, RawRecords source) {
        String prompt = text(record, "prompt", source);
        double weight = weight(record, source);
        return switch (kind) {
            case PAIRS -> {
                String chosen = text(record, "chosen", source);
                String rejected = text(record, "rejected", source);
                if (chosen.equals(rejected)) {
                    throw source.bad("rejected", shown(rejected), "it is the chosen text: such a pair says nothing");
                }
                yield new Judgement.Pair(prompt, chosen, rejected, weight);
            }
            case APPROVALS -> {
                String text = text(record, "completion", source);
                JsonNode approved = record.path("approved");
                if (!approved.isBoolean()) {
                    throw source.bad("approved", found(approved), "it is true or false");
                }
                yield new Judgement.Approval(prompt, text, approved.booleanValue(), weight);
            }
            case PROBABILITIES -> {
                String text = text(record, "completion", source);
                double p = number(record, "probability", source);
                if (!(p > 0 && p < 1)) {
                    throw source.bad(
                            "probability",
                            Double.toString(p),
                            "it lies between 0 and 1, which have no logit themselves");
                }
                yield new Judgement.Stated(prompt, text, Math.log(p), weight);
            }
        };
    }

    private static double weight(ObjectNode record, RawRecords source) {
        if (!record.hasNonNull("weight")) {
            return 1;
        }
        double weight = number(record, "weight", source);
        if (!(weight > 0 && weight < Double.POSITIVE_INFINITY)) {
            throw source.bad("weight", Double.toString(weight), "it is how many such judgements: positive and finite");
        }
        return weight;
    }

    private static double number(ObjectNode record, String field, RawRecords source) {
        JsonNode node = record.path(field);
        if (!node.isNumber()) {
            throw source.bad(field, found(node), "it is a number");
        }
        return node.doubleValue();
    }

    private static String text(ObjectNode record, String field, RawRecords source) {
        JsonNode node = record.path(field);
        if (!node.isTextual()) {
            throw source.bad(field, found(node), "it is a text");
        }
        return source.whole(field, node.textValue());
    }

    private static String found(JsonNode node) {
        return node.isMissingNode() ? "missing" : shown(node.toString());
    }

    private static String shown(String text) {
        return text.length() <= 60 ? text : text.substring(0, 57) + "…";
    }
}
