package dev.credence.lab.rollouts;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.credence.core.provenance.InputException;
import dev.credence.data.rollouts.Field;
import dev.credence.data.rollouts.FieldMap;
import dev.credence.data.rollouts.RawRecords;
import dev.credence.hub.BeginToken;
import dev.credence.hub.chat.ChatTemplate;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.SortedSet;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * What a trainer wrote down of its rollouts: the texts of one training step or several, as texts or as messages. Its records
 * are made those of the contract, one step at a time, for {@link LogCompletion} to score and to draw what is missing.
 */
public final class TrainerDump {
    private static final String WHOLE = "the prompt must be written out just as the model was given it";

    private final List<String> files;
    private final FieldMap fields;
    private final SortedSet<Long> steps = new TreeSet<>();
    private long chats;
    private long plain;
    private @Nullable ChatTemplate template;

    private TrainerDump(List<String> files, FieldMap fields) {
        this.files = List.copyOf(files);
        this.fields = fields;
    }

    /**
     * Looks through a dump once: which steps it has, and whether its prompts are messages.
     *
     * @param files its files
     * @param fields where it keeps its fields; with a format, special tokens were left out of its texts
     * @param folder the checkpoint folder whose chat template its messages were written out with
     * @return the dump
     * @throws IOException if reading fails
     * @throws InputException if there is no record, a step is no whole number, some records have one and others none, or some prompts are
     *     messages and others texts
     */
    public static TrainerDump open(List<String> files, FieldMap fields, Path folder) throws IOException {
        TrainerDump dump = new TrainerDump(files, fields);
        for (String file : files) {
            try (RawRecords records = RawRecords.open(file, InputStream.nullInputStream())) {
                for (ObjectNode record = records.next(); record != null; record = records.next()) {
                    dump.look(record, records);
                }
            }
        }
        if (dump.chats + dump.plain == 0) {
            throw new InputException(String.join(", ", files), 0, "", "empty", "a dump has at least one record");
        }
        if (dump.chats > 0) {
            dump.template = ChatTemplate.open(folder);
        }
        return dump;
    }

    private void look(ObjectNode record, RawRecords source) {
        ContractNames.give(record, fields);
        boolean first = chats + plain == 0;
        boolean isChat = record.path("prompt").isArray();
        chats += isChat ? 1 : 0;
        plain += isChat ? 0 : 1;
        if (chats > 0 && plain > 0) {
            throw source.bad(
                    "prompt",
                    isChat ? "messages" : "a text",
                    "a dump's prompts are all texts, or all messages: the begin token is another for each");
        }
        Long step = step(record, source);
        if (step == null ? !steps.isEmpty() : !first && steps.isEmpty()) {
            throw source.bad("step", step == null ? "missing" : step.toString(), "all records have one, or none has");
        }
        if (step != null) {
            steps.add(step);
        }
    }

    private static @Nullable Long step(ObjectNode record, RawRecords source) {
        JsonNode node = record.path(Field.STEP.key());
        if (node.isMissingNode() || node.isNull()) {
            return null;
        }
        if (node.isIntegralNumber()) {
            return node.longValue();
        }
        String text = node.asText();
        if (!text.matches("[0-9]{1,15}")) {
            throw source.bad("step", node.toString(), "it must be a whole number");
        }
        return Long.valueOf(text); // some versions write it as a text
    }

    /** {@return the training steps that it has, ascending; none where it names none} */
    public SortedSet<Long> steps() {
        return new TreeSet<>(steps);
    }

    /** {@return whether a step's texts were drawn before its update, as trainers write them down} */
    public boolean drawsBeforeUpdate() {
        return fields.format() != null;
    }

    /**
     * Whether prompts get the begin token: messages never do, for their template writes it.
     *
     * @param asked what the user asked for
     * @return what is to be done
     */
    public BeginToken begin(BeginToken asked) {
        return chats > 0 ? BeginToken.NO : asked;
    }

    /**
     * Reads a step into a completion.
     *
     * @param step which one; null for all records, where none has a step
     * @param into what scores them
     * @throws IOException if reading fails
     * @throws InputException naming the line of a record that cannot be used
     */
    public void read(@Nullable Long step, LogCompletion into) throws IOException {
        RecordChoice choice = new RecordChoice() {
            @Override
            public boolean takes(ObjectNode record, RawRecords source) {
                Long own = step(record, source);
                if (step != null && !step.equals(own)) {
                    return false;
                }
                record.remove(Field.STEP.key());
                write(record, source);
                return true;
            }

            @Override
            public boolean leavesOutMarks() {
                return fields.format() != null;
            }
        };
        for (String file : files) {
            into.read(file, InputStream.nullInputStream(), choice);
        }
    }

    /** Messages become texts. */
    private void write(ObjectNode record, RawRecords source) {
        JsonNode prompt = record.path("prompt");
        if (template != null && prompt.isArray()) {
            for (String other : List.of("tools", "chat_template_kwargs")) {
                if (record.hasNonNull(other)) {
                    throw source.bad(other, "given", "a chat template with " + other + " is not supported; " + WHOLE);
                }
            }
            JsonNode last = prompt.path(prompt.size() - 1);
            if (last.path("role").asText().equals("assistant")) {
                throw source.bad("prompt", "its last message is the assistant's", "the completion is the answer");
            }
            record.put("prompt", template.render(prompt, true));
        }
        JsonNode completion = record.path("completion");
        if (completion.isArray()) {
            JsonNode only = completion.path(0);
            boolean isAnswer = completion.size() == 1
                    && only.path("role").asText().equals("assistant")
                    && only.path("content").isTextual()
                    && !only.hasNonNull("tool_calls");
            if (!isAnswer) {
                throw source.bad(
                        "completion",
                        completion.toString(),
                        "it is one message of the assistant's, with a text: of turns and calls it does not tell what"
                                + " was drawn");
            }
            record.put("completion", only.path("content").textValue());
        }
    }

    /** {@return what the dump does not say and was assumed, a line each} */
    public List<String> assumed() {
        List<String> lines = new ArrayList<>();
        if (fields.format() != null) {
            lines.add("texts were written down without special tokens, and drawn from the policy's own distribution"
                    + " (temperature 1, nothing truncated)");
        }
        if (chats > 0) {
            lines.add("messages were written out by the chat template with the beginning of the answer");
        }
        return lines;
    }
}
