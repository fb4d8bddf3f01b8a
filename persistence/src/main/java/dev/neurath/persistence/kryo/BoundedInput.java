package dev.neurath.persistence.kryo;

import com.esotericsoftware.kryo.KryoException;
import com.esotericsoftware.kryo.io.Input;

/**
 * Believes a length only as far as the bytes that are left could hold it: Kryo's own input makes room for a string or an array before it looks whether there is
 * one, and a few bytes could ask for gigabytes.
 */
final class BoundedInput extends Input {
    BoundedInput(byte[] bytes) {
        super(bytes);
    }

    /** Only ever read before a string's characters, of which each has a byte at least. */
    @Override
    public int readVarIntFlag(boolean optimizePositive) {
        int oneMore = super.readVarIntFlag(optimizePositive);
        require(oneMore < 0 ? Integer.MAX_VALUE : Math.max(0, oneMore - 1), "A string of ");
        return oneMore;
    }

    @Override
    public byte[] readBytes(int length) {
        require(length < 0 ? Integer.MAX_VALUE : length, "An array of ");
        return super.readBytes(length);
    }

    private void require(int length, String what) {
        int left = limit - position;
        if (length > left) {
            throw new KryoException(what + length + " in " + left + " bytes");
        }
    }
}
