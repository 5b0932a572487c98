package dev.credence.data.rollouts;

import java.nio.charset.StandardCharsets;

/** Reads the values of a record of known shape; each method gives the position behind the value, or −1 if unusual. */
final class SlotReader {
    private static final int UNUSUAL = -1;
    private static final byte[] PRIOR = bytes("\"prior\"");
    private static final byte[] POLICY = bytes("\"policy\"");
    private static final byte[] TRAIN = bytes("\"train\"");
    private static final byte[] HELD_OUT = bytes("\"heldout\"");
    private static final byte[] MINUS_INF = bytes("\"-inf\"");
    private static final byte[] TRUE = bytes("true");
    private static final byte[] FALSE = bytes("false");
    private static final byte[] STOP = bytes("\"stop\"");
    private static final byte[] LENGTH = bytes("\"length\"");
    private static final byte[] NULL = bytes("null");
    private static final Field[] FIELDS = Field.values();

    private final TextNumbers sources;
    private final TextNumbers groups;
    private final NumberScanner numbers = new NumberScanner();

    private boolean escaped;

    SlotReader(TextNumbers sources, TextNumbers groups) {
        this.sources = sources;
        this.groups = groups;
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }

    /** Whether the bytes are there; what is behind the end of the chunk is zeros. */
    private static boolean is(byte[] expected, byte[] b, int p) {
        for (int i = 0; i < expected.length; i++) {
            if (b[p + i] != expected[i]) {
                return false;
            }
        }
        return true;
    }

    int read(int kind, int reward, int p, RolloutRecord record) {
        return kind == RecordTemplate.SKIP ? skip(record.bytes, p) : read(FIELDS[kind], reward, p, record);
    }

    int readExtra(int kind, int reward, int extra, int p, RolloutRecord record) {
        double value = numbers.number(record.bytes, p);
        if (numbers.end < 0) {
            return UNUSUAL; // a truth value or none at all: the slow parser's business
        }
        record.extras[extra] = value;
        return read(kind, reward, p, record);
    }

    private int read(Field field, int reward, int p, RolloutRecord record) {
        byte[] b = record.bytes;
        return switch (field) {
            case PROMPT -> prompt(b, p, record);
            case COMPLETION -> completion(b, p, record);
            case REWARD -> {
                record.rewards[reward] = numbers.number(b, p);
                yield numbers.end;
            }
            case LOGP_PRIOR -> {
                record.logPrior = numbers.number(b, p);
                yield numbers.end;
            }
            case LOGP_POLICY -> policy(b, p, record);
            case SOURCE -> source(b, p, record);
            default -> b[p] == 'n' && is(NULL, b, p) ? p + NULL.length : optional(field, b, p, record);
        };
    }

    private int optional(Field field, byte[] b, int p, RolloutRecord record) {
        return switch (field) {
            case LOGP_SOURCE -> {
                record.logSource = numbers.number(b, p);
                yield record.logSource <= 0 && record.logSource > Sentinels.LARGEST ? numbers.end : UNUSUAL;
            }
            case TOKENS -> {
                numbers.integer(b, p);
                record.tokens = (int) numbers.integer;
                yield numbers.integer >= 0 && numbers.integer <= Integer.MAX_VALUE ? numbers.end : UNUSUAL;
            }
            case FINISHED -> finished(b, p, record);
            case GROUP -> group(b, p, record);
            case STEP -> {
                numbers.integer(b, p);
                record.step = numbers.integer;
                record.hasStep = true;
                yield Math.abs(numbers.integer) <= 1_000_000_000_000_000L ? numbers.end : UNUSUAL;
            }
            case SPLIT -> {
                record.heldOut = is(HELD_OUT, b, p);
                yield record.heldOut ? p + HELD_OUT.length : is(TRAIN, b, p) ? p + TRAIN.length : UNUSUAL;
            }
            case PROMPT_WEIGHT -> {
                record.weight = numbers.number(b, p);
                yield record.weight > 0 ? numbers.end : UNUSUAL;
            }
            case KEPT -> {
                record.kept = numbers.number(b, p);
                record.thinned = true;
                yield record.kept > 0 && record.kept <= 1 ? numbers.end : UNUSUAL;
            }
            case DRAWS -> {
                record.draws = numbers.number(b, p);
                record.thinned = true;
                yield record.draws > 0 ? numbers.end : UNUSUAL;
            }
            case LAMBDA -> {
                record.lambda = numbers.number(b, p);
                yield numbers.end;
            }
            case KL_TOKENS -> {
                record.klTokens = numbers.number(b, p);
                yield record.klTokens >= 0 && record.klTokens <= Double.MAX_VALUE ? numbers.end : UNUSUAL;
            }
            default -> UNUSUAL;
        };
    }

    private int prompt(byte[] b, int p, RolloutRecord record) {
        int end = string(b, p);
        record.promptFrom = p + 1;
        record.promptTo = end - 1;
        record.promptEscaped = escaped;
        return end;
    }

    private int completion(byte[] b, int p, RolloutRecord record) {
        int end = string(b, p);
        record.completionFrom = p + 1;
        record.completionTo = end - 1;
        record.completionEscaped = escaped;
        return end;
    }

    private int policy(byte[] b, int p, RolloutRecord record) {
        if (b[p] == '"') {
            record.logPolicy = Double.NEGATIVE_INFINITY;
            return is(MINUS_INF, b, p) ? p + MINUS_INF.length : UNUSUAL;
        }
        record.logPolicy = numbers.number(b, p);
        return numbers.end;
    }

    private int source(byte[] b, int p, RolloutRecord record) {
        if (is(PRIOR, b, p)) {
            record.source = 0;
            return p + PRIOR.length;
        }
        if (is(POLICY, b, p)) {
            record.source = 1;
            return p + POLICY.length;
        }
        int end = string(b, p);
        if (end > 0) {
            record.source = sources.number(b, p + 1, end - 1, escaped);
        }
        return end;
    }

    private static int finished(byte[] b, int p, RolloutRecord record) {
        if (is(TRUE, b, p)) {
            return p + TRUE.length;
        }
        if (is(STOP, b, p)) {
            return p + STOP.length;
        }
        record.cut = true;
        if (is(LENGTH, b, p)) {
            return p + LENGTH.length;
        }
        return is(FALSE, b, p) ? p + FALSE.length : UNUSUAL;
    }

    private int group(byte[] b, int p, RolloutRecord record) {
        int end;
        if (b[p] == '"') {
            end = string(b, p);
            if (end > 0) {
                record.group = groups.number(b, p + 1, end - 1, escaped);
            }
        } else {
            numbers.integer(b, p);
            end = numbers.end;
            if (end > 0) {
                record.group = groups.number(b, p, end, false);
            }
        }
        return end;
    }

    private int skip(byte[] b, int p) {
        return switch (b[p]) {
            case '"' -> string(b, p);
            case 't' -> is(TRUE, b, p) ? p + TRUE.length : UNUSUAL;
            case 'f' -> is(FALSE, b, p) ? p + FALSE.length : UNUSUAL;
            case 'n' -> is(NULL, b, p) ? p + NULL.length : UNUSUAL;
            default -> {
                numbers.number(b, p);
                yield numbers.end;
            }
        };
    }

    /** The position behind a string's closing quote, or −1 where there is no string or a malformed one. */
    private int string(byte[] b, int p) {
        escaped = false;
        if (b[p] != '"') {
            return UNUSUAL;
        }
        int q = JsonBytes.special(b, p + 1);
        while (b[q] == '\\') {
            int length = JsonBytes.escape(b, q);
            if (length == 0) {
                return UNUSUAL;
            }
            escaped = true;
            q = JsonBytes.special(b, q + length);
        }
        return b[q] == '"' ? q + 1 : UNUSUAL;
    }
}
