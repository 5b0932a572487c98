package dev.credence.core.audit;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.ObjectInputStream;
import java.io.ObjectOutputStream;
import java.io.Serializable;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.function.Function;
import java.util.function.IntFunction;
import java.util.stream.IntStream;

/**
 * Finds something of every one of several things that are spread over processes: each finds it of those that it holds, and all hear it
 * of all. What fails in one fails in all, by the same exception.
 */
final class Together {
    private final Exchange exchange;

    Together(Exchange exchange) {
        this.exchange = exchange;
    }

    /** Which of the processes this one is. */
    int place() {
        return exchange.place();
    }

    /**
     * Finds something of each.
     *
     * @param holder (things) the process that holds each
     * @param found what is found of one that this process holds
     * @param told what the others need of it; whoever found it keeps it whole
     * @return (things): what was found of those that are here, and what was told of the others
     */
    <T> Object[] find(int[] holder, IntFunction<T> found, Function<T, ?> told) {
        Object[] all = new Object[holder.length];
        int place = place();
        byte[] own;
        try {
            int[] here = IntStream.range(0, holder.length)
                    .filter(c -> holder[c] == place)
                    .toArray();
            IntStream.of(here).parallel().forEach(c -> all[c] = found.apply(c));
            Object[] words = new Object[here.length];
            for (int i = 0; i < here.length; i++) {
                @SuppressWarnings("unchecked")
                T one = (T) all[here[i]];
                words[i] = told.apply(one);
            }
            own = written(words);
        } catch (RuntimeException e) {
            own = written(e);
        }
        Object[] said = exchange.tell(own).stream().map(Together::read).toArray();
        for (Object each : said) {
            if (each instanceof RuntimeException failed) {
                throw failed;
            }
        }
        int[] next = new int[said.length];
        for (int c = 0; c < all.length; c++) {
            if (holder[c] != place) {
                all[c] = ((Object[]) said[holder[c]])[next[holder[c]]++];
            }
        }
        return all;
    }

    /** Hears what each says, by place. */
    <T extends Serializable> List<T> hear(T own) {
        return exchange.hear(own);
    }

    static byte[] written(Object what) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (ObjectOutputStream out = new ObjectOutputStream(bytes)) {
            out.writeObject(what);
        } catch (IOException e) {
            throw new UncheckedIOException(e); // nothing but memory is written to
        }
        return bytes.toByteArray();
    }

    static Object read(byte[] bytes) {
        try (ObjectInputStream in = new ObjectInputStream(new ByteArrayInputStream(bytes))) {
            return in.readObject();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (ClassNotFoundException e) {
            throw new IllegalStateException("the processes of an audit run different programs", e);
        }
    }
}
