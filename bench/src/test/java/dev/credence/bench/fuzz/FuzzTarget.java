package dev.credence.bench.fuzz;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.sun.net.httpserver.HttpServer;
import dev.credence.core.automaton.TokenTexts;
import dev.credence.core.model.Continuation;
import dev.credence.core.provenance.InputException;
import dev.credence.data.audits.AuditJson;
import dev.credence.data.corpora.CorpusReader;
import dev.credence.data.corpora.Division;
import dev.credence.data.rewards.EvidenceExpression;
import dev.credence.data.rewards.RewardExpression;
import dev.credence.data.rollouts.FieldMap;
import dev.credence.data.rollouts.ReadOptions;
import dev.credence.data.rollouts.RolloutLogReader;
import dev.credence.data.runs.StoredRun;
import dev.credence.endpoint.EndpointModel;
import dev.credence.endpoint.EndpointSettings;
import dev.credence.endpoint.EndpointUrl;
import dev.credence.hub.Adapter;
import dev.credence.hub.Checkpoint;
import dev.credence.hub.TextTokenizer;
import dev.credence.hub.chat.ChatTemplate;
import dev.credence.lab.experiments.Effort;
import dev.credence.lab.experiments.SweepPlan;
import dev.credence.lab.rollouts.TrainerDump;
import dev.credence.worlds.TableWorlds;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * What reads the files, texts and answers of others, one input at a time. Whatever the bytes are, it gives a result or
 * an {@link InputException} that names the input, in words.
 */
enum FuzzTarget {
    JSON_LINES {
        @Override
        void read(byte[] input, Path folder) throws IOException {
            log(put(input, folder, "input.jsonl"));
        }
    },
    PARQUET {
        @Override
        void read(byte[] input, Path folder) throws IOException {
            log(put(input, folder, "input.parquet"));
        }
    },
    YAML_WORLD {
        @Override
        void read(byte[] input, Path folder) throws IOException {
            TableWorlds.read(put(input, folder, "input.yaml"), RewardExpression::parse);
        }
    },
    CSV_WORLD {
        @Override
        void read(byte[] input, Path folder) throws IOException {
            TableWorlds.read(put(input, folder, "input.csv"));
        }
    },
    SWEEP_PLAN {
        @Override
        void read(byte[] input, Path folder) throws IOException {
            SweepPlan.read(put(input, folder, "input.yaml"), Effort.standard(), Map.of());
        }
    },
    CONFIG {
        @Override
        void read(byte[] input, Path folder) throws IOException {
            put(fixed("model.safetensors"), folder, "model.safetensors");
            put(input, folder, "config.json");
            Checkpoint.open(folder);
        }
    },
    SAFETENSORS {
        @Override
        void read(byte[] input, Path folder) throws IOException {
            put(fixed("config.json"), folder, "config.json");
            put(input, folder, "model.safetensors");
            Checkpoint.open(folder);
        }
    },
    ADAPTER_CONFIG {
        @Override
        void read(byte[] input, Path folder) throws IOException {
            put(fixed("adapter_model.safetensors"), folder, "adapter_model.safetensors");
            put(input, folder, "adapter_config.json");
            Adapter.open(folder);
        }
    },
    ADAPTER {
        @Override
        void read(byte[] input, Path folder) throws IOException {
            put(fixed("adapter_config.json"), folder, "adapter_config.json");
            put(input, folder, "adapter_model.safetensors");
            Adapter.open(folder);
        }
    },
    TOKENIZER {
        @Override
        void read(byte[] input, Path folder) throws IOException {
            put(fixed("config.json"), folder, "config.json");
            put(input, folder, "tokenizer.json");
            try (TextTokenizer tokenizer = TextTokenizer.open(folder, 4)) {
                tokenizer.decode(tokenizer.completion("ab ba"), 1);
            }
        }
    },
    CHAT_TEMPLATE {
        @Override
        void read(byte[] input, Path folder) {
            ObjectMapper mapper = new ObjectMapper();
            ObjectNode message = mapper.createObjectNode().put("role", "user").put("content", "a");
            ChatTemplate.of("input", text(input), Map.of("bos_token", "<s>"))
                    .render(mapper.createArrayNode().add(message), true);
        }
    },
    RUN {
        @Override
        void read(byte[] input, Path folder) throws IOException {
            put(input, folder, "run.json");
            StoredRun.open(folder).asked();
        }
    },
    METRICS {
        @Override
        void read(byte[] input, Path folder) throws IOException {
            put(fixed("run.json"), folder, "run.json");
            put(input, folder, "metrics.jsonl");
            StoredRun.open(folder).metrics().read();
        }
    },
    AUDIT {
        @Override
        void read(byte[] input, Path folder) throws IOException {
            AuditJson.read(put(input, folder, "input.json"));
        }
    },
    CORPUS {
        @Override
        void read(byte[] input, Path folder) throws IOException {
            Path file = put(input, folder, "input.jsonl");
            new CorpusReader(new Division(Division.Kind.PARAGRAPHS, ""), "text").read(List.of(file.toString()));
        }
    },
    DUMP {
        @Override
        void read(byte[] input, Path folder) throws IOException {
            Path file = put(input, folder, "input.jsonl");
            TrainerDump.open(List.of(file.toString()), FieldMap.standard(), folder);
        }
    },
    REWARD {
        @Override
        void read(byte[] input, Path folder) {
            String text = text(input);
            if (!text.contains("class")) { // it loads what is on the class path, as it is meant to
                RewardExpression reward = RewardExpression.parse(text);
                reward.range();
                if (reward.fields().isEmpty()) {
                    reward.reward("a", "a b", 2);
                }
                reward.bounds(TEXTS, 3);
            }
        }
    },
    EVIDENCE {
        @Override
        void read(byte[] input, Path folder) {
            String text = text(input);
            if (!text.contains("class")) {
                EvidenceExpression evidence = EvidenceExpression.parse(text);
                evidence.times(2).rewards();
            }
        }
    },
    REGEX {
        @Override
        void read(byte[] input, Path folder) {
            RewardExpression reward =
                    RewardExpression.parse("regex:\"" + text(input).replace("\"", "\\\"") + '"');
            reward.reward("a", "aab");
            reward.bounds(TEXTS, 3);
        }
    },
    ANSWERS {
        @Override
        void read(byte[] input, Path folder) throws IOException {
            List<String> answers = text(input).lines().toList();
            int[] at = {0};
            HttpServer server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
            server.createContext("/", exchange -> {
                exchange.getRequestBody().readAllBytes();
                String line = answers.isEmpty() ? "" : answers.get(at[0]++ % answers.size());
                byte[] answer = line.getBytes(StandardCharsets.UTF_8);
                exchange.sendResponseHeaders(200, answer.length == 0 ? -1 : answer.length);
                exchange.getResponseBody().write(answer);
                exchange.close();
            });
            server.start();
            EndpointUrl url =
                    EndpointUrl.of("http://127.0.0.1:" + server.getAddress().getPort() + "/v1#m");
            try (EndpointModel model = EndpointModel.open(
                    url,
                    new EndpointSettings(1, 1, 0, Duration.ofSeconds(5), ""),
                    new EndpointModel.Tokens(4, Set.of(0)))) {
                model.logProbs(List.of(new Continuation(new int[] {1, 2}, new int[] {3})));
            } finally {
                server.stop(0);
            }
        }
    };

    private static final TokenTexts TEXTS = new TokenTexts(new byte[][] {null, {'a'}, {'b'}, {' ', 'a'}});
    private static final Pattern INSIDE =
            Pattern.compile("[a-z](Exception|Error)\\b|\\b(java|dev|com|org|ai)\\.[a-z]+\\.[a-z]");

    /** Reads one input; whatever else is needed lies in a folder of its own. */
    abstract void read(byte[] input, Path folder) throws IOException;

    /** The folder of its inputs that are kept. */
    String corpus() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    /**
     * Reads one input and judges what comes of it.
     *
     * @param input any bytes
     * @param folder empty or left by the call before
     * @return the words it was refused in; null if it was read
     * @throws AssertionError if a refusal does not name the input, or speaks of classes
     * @throws IOException if it is not refused as an input
     */
    @Nullable
    String tryOn(byte[] input, Path folder) throws IOException {
        try {
            read(input, folder);
            return null;
        } catch (InputException e) {
            String message = String.valueOf(e.getMessage());
            boolean isNamed = e.isOfSetting()
                    || message.contains("input")
                    || message.contains(folder.toString())
                    || message.contains("127.0.0.1");
            Matcher inside =
                    INSIDE.matcher(message.replace(folder.toString(), "").replaceAll("\\\\[a-z]", " "));
            boolean isInWords = !inside.find() || text(input).contains(inside.group());
            if (!isNamed || !isInWords) {
                throw new AssertionError(name() + " is refused in these words: " + message, e);
            }
            return message;
        }
    }

    private static String text(byte[] input) {
        return new String(input, StandardCharsets.UTF_8);
    }

    private static Path put(byte[] input, Path folder, String name) throws IOException {
        Path file = folder.resolve(name);
        Files.write(file, input);
        return file;
    }

    private static void log(Path file) {
        new RolloutLogReader(ReadOptions.standard(1).withThreads(1), InputStream.nullInputStream())
                .read(List.of(file.toString()));
    }

    private static byte[] fixed(String name) throws IOException {
        String file = switch (name) {
            case "config.json" -> CONFIG.corpus() + "/sound.json";
            case "model.safetensors" -> SAFETENSORS.corpus() + "/sound.safetensors";
            case "adapter_config.json" -> ADAPTER_CONFIG.corpus() + "/sound.json";
            case "adapter_model.safetensors" -> ADAPTER.corpus() + "/sound.safetensors";
            default -> RUN.corpus() + "/sound.json";
        };
        try (InputStream in = FuzzTarget.class.getResourceAsStream(file)) {
            if (in == null) {
                throw new IllegalStateException(file + " is not in the corpus");
            }
            return in.readAllBytes();
        }
    }
}
