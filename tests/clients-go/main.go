// Asks an API server as any program on client-go does: with nothing but a kubeconfig. `tests/run --long` builds it.
//
//	clients-go PREFIX    prints PREFIX, the name of the user that the server sees, and the namespace of the kubeconfig
package main

import (
	"context"
	"fmt"
	"os"

	authentication "k8s.io/api/authentication/v1"
	meta "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/tools/clientcmd"
)

func main() {
	name, namespace, err := user()
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	fmt.Println(os.Args[1] + name, namespace)
}

func user() (string, string, error) {
	rules := clientcmd.NewDefaultClientConfigLoadingRules()
	loading := clientcmd.NewNonInteractiveDeferredLoadingClientConfig(rules, &clientcmd.ConfigOverrides{})
	config, err := loading.ClientConfig()
	if err != nil {
		return "", "", err
	}
	client, err := kubernetes.NewForConfig(config)
	if err != nil {
		return "", "", err
	}
	if _, err := client.Discovery().ServerVersion(); err != nil {
		return "", "", err
	}
	reviews := client.AuthenticationV1().SelfSubjectReviews()
	review, err := reviews.Create(context.Background(), &authentication.SelfSubjectReview{}, meta.CreateOptions{})
	if err != nil {
		return "", "", err
	}
	namespace, _, err := loading.Namespace()
	return review.Status.UserInfo.Username, namespace, err
}
