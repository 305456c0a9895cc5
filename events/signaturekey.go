package events

import (
	"bytes"
	"crypto/ed25519"
	"encoding/base64"
	"fmt"
	"strings"
)

// What the texts of secrets and keys begin with, as Standard Webhooks has it.
const (
	secretPrefix  = "whsec_"
	privatePrefix = "whsk_"
	publicPrefix  = "whpk_"
)

// PublicKey returns the public half, "whpk_" and base 64, of an Ed25519 key that signs, "whsk_" and the base 64 of its
// 64 bytes or of the 32 of its seed. It fails with [ErrInvalidSignature] when the text is no such key.
func PublicKey(secret string) (string, error) {
	encoded, ok := strings.CutPrefix(secret, privatePrefix)
	if !ok {
		return "", fmt.Errorf("%w: the key does not begin with %s", ErrInvalidSignature, privatePrefix)
	}
	key, err := parsePrivate(encoded)
	if err != nil {
		return "", err
	}
	return publicPrefix + base64.StdEncoding.EncodeToString(key.Public().(ed25519.PublicKey)), nil
}

// purpose is what keys are read for.
type purpose int

const (
	signing purpose = iota
	verifying
)

func parseKeys(secrets []string, use purpose) ([]signatureKey, error) {
	if len(secrets) == 0 {
		return nil, fmt.Errorf("%w: no secret", ErrInvalidSignature)
	}
	keys := make([]signatureKey, len(secrets))
	for i, secret := range secrets {
		key, err := parseKey(secret, use)
		if err != nil {
			return nil, fmt.Errorf("secret %d: %w", i+1, err)
		}
		keys[i] = key
	}
	return keys, nil
}

// parseKey reads one secret or key. Its errors never show the text.
func parseKey(secret string, use purpose) (signatureKey, error) {
	private, isPrivate := strings.CutPrefix(secret, privatePrefix)
	public, isPublic := strings.CutPrefix(secret, publicPrefix)
	switch {
	case isPrivate && use == verifying:
		return nil, fmt.Errorf("%w: a receiver needs the public key, which begins with %s, and should not have the one that signs",
			ErrInvalidSignature, publicPrefix)
	case isPrivate:
		key, err := parsePrivate(private)
		return privateKey{key}, err
	case isPublic && use == signing:
		return nil, fmt.Errorf("%w: a public key cannot sign: want one that begins with %s", ErrInvalidSignature, privatePrefix)
	case isPublic:
		key, err := base64.StdEncoding.DecodeString(public)
		if err != nil || len(key) != ed25519.PublicKeySize {
			return nil, fmt.Errorf("%w: not the base 64 of the %d bytes of a public key", ErrInvalidSignature, ed25519.PublicKeySize)
		}
		return publicKey{key}, nil
	}
	key, err := base64.StdEncoding.DecodeString(strings.TrimPrefix(secret, secretPrefix))
	if err != nil || len(key) == 0 {
		return nil, fmt.Errorf("%w: not base 64", ErrInvalidSignature)
	}
	return symmetricKey(key), nil
}

// parsePrivate reads a seed, or a seed with its public key, which must belong to it: with another one a signature would
// give the seed away.
func parsePrivate(encoded string) (ed25519.PrivateKey, error) {
	raw, err := base64.StdEncoding.DecodeString(encoded)
	if err != nil || len(raw) != ed25519.SeedSize && len(raw) != ed25519.PrivateKeySize {
		return nil, fmt.Errorf("%w: not the base 64 of the %d or %d bytes of an Ed25519 key",
			ErrInvalidSignature, ed25519.SeedSize, ed25519.PrivateKeySize)
	}
	key := ed25519.NewKeyFromSeed(raw[:ed25519.SeedSize])
	if len(raw) == ed25519.PrivateKeySize && !bytes.Equal(raw, key) {
		return nil, fmt.Errorf("%w: the halves of the Ed25519 key do not belong together", ErrInvalidSignature)
	}
	return key, nil
}
